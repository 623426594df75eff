//! Finds the server programs that tests start, by the same rules as `slipway dev`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of fetched tools: `SLIPWAY_CACHE`, else `~/.cache/slipway`.
pub fn cache_dir() -> PathBuf {
    match env::var_os("SLIPWAY_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").expect("HOME or SLIPWAY_CACHE must be set"))
            .join(".cache/slipway"),
    }
}

/// `mongod`: `SLIPWAY_MONGOD`, else `PATH`, else the cache.
pub fn mongod() -> PathBuf {
    env::var_os("SLIPWAY_MONGOD")
        .map(PathBuf::from)
        .or_else(|| on_path("mongod"))
        .or_else(|| existing(cache_dir().join("bin/mongod")))
        .expect("mongod was not found: run `make setup`, or set SLIPWAY_MONGOD")
}

/// A program of the PostgreSQL server, such as `initdb`: `SLIPWAY_POSTGRES_BIN`, else the folder
/// that `pg_config` names, else the newest Debian package, else `PATH`.
pub fn postgres(program: &str) -> PathBuf {
    env::var_os("SLIPWAY_POSTGRES_BIN")
        .map(|folder| PathBuf::from(folder).join(program))
        .or_else(|| existing(pg_config_bindir()?.join(program)))
        .or_else(|| existing(newest_debian_bin()?.join(program)))
        .or_else(|| on_path(program))
        .unwrap_or_else(|| panic!("{program} was not found: run `make setup`, or set SLIPWAY_POSTGRES_BIN"))
}

/// A program of Kubernetes, such as `kube-apiserver`: `SLIPWAY_KUBE_BIN`, else the cache. Never `PATH`, where an older
/// release may be.
pub fn kubernetes(program: &str) -> PathBuf {
    let folder =
        env::var_os("SLIPWAY_KUBE_BIN").map_or_else(|| cache_dir().join("cluster/bin"), PathBuf::from);
    existing(folder.join(program)).unwrap_or_else(|| {
        panic!(
            "{program} is not in {}: run `scripts/setup cluster`, which builds it once, or set SLIPWAY_KUBE_BIN",
            folder.display()
        )
    })
}

/// The first executable of that name on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find_map(|folder| existing(folder.join(program)))
}

fn existing(file: PathBuf) -> Option<PathBuf> {
    file.is_file().then_some(file)
}

fn pg_config_bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

fn newest_debian_bin() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().ok()?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .max()?;
    Some(PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin")))
}
