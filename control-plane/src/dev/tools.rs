//! Finds the programs `slipway dev` starts. A variable wins, then the machine, then what `make setup`
//! fetched.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::DevError;

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Tools {
    pub mongod: PathBuf,
    /// The folder with `initdb` and `postgres`.
    pub postgres_bin: PathBuf,
    pub runtime: PathBuf,
}

impl Tools {
    /// Finds all of them, or says which one is missing and how to get it.
    pub async fn find() -> Result<Self, DevError> {
        for helper in ["setsid", "setpriv"] {
            on_path(helper)
                .ok_or_else(|| missing(helper, "It belongs to util-linux: install that package."))?;
        }
        Ok(Self {
            mongod: mongod()?,
            postgres_bin: postgres_bin().await?,
            runtime: runtime()?,
        })
    }
}

fn mongod() -> Result<PathBuf, DevError> {
    if let Some(path) = named_by("SLIPWAY_MONGOD", "mongod")? {
        return Ok(path);
    }
    on_path("mongod")
        .or_else(|| program(&cache().join("bin/mongod")))
        .ok_or_else(|| missing("mongod", "Run `make setup`, or name it with SLIPWAY_MONGOD."))
}

fn runtime() -> Result<PathBuf, DevError> {
    if let Some(path) = named_by("SLIPWAY_RUNTIME", "slipway-runtime")? {
        return Ok(path);
    }
    let beside = std::env::current_exe()
        .ok()
        .and_then(|own| program(&own.with_file_name("slipway-runtime")));
    beside.or_else(|| on_path("slipway-runtime")).ok_or_else(|| {
        missing(
            "slipway-runtime",
            "Build it with `make build`, or name it with SLIPWAY_RUNTIME.",
        )
    })
}

async fn postgres_bin() -> Result<PathBuf, DevError> {
    let advice = "Run `make setup` (or install the package postgresql), or name the folder of its programs with \
                  SLIPWAY_POSTGRES_BIN.";
    if let Some(folder) = std::env::var_os("SLIPWAY_POSTGRES_BIN").map(PathBuf::from) {
        return if has_postgres(&folder) {
            Ok(folder)
        } else {
            Err(missing("PostgreSQL", advice))
        };
    }
    let candidates = [
        from_pg_config().await,
        newest_debian(),
        on_path("initdb").and_then(parent),
    ];
    let found = candidates
        .into_iter()
        .flatten()
        .find(|folder| has_postgres(folder));
    found.ok_or_else(|| missing("PostgreSQL", advice))
}

async fn from_pg_config() -> Option<PathBuf> {
    let output = tokio::process::Command::new("pg_config")
        .arg("--bindir")
        .output()
        .await
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

/// Debian keeps each major version in `/usr/lib/postgresql/<version>/bin`.
fn newest_debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse::<u32>().ok()?, path.join("bin"))))
        .max()
        .map(|(_, bin)| bin)
}

fn has_postgres(folder: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|name| program(&folder.join(name)).is_some())
}

/// A program named by a variable must be there: falling back silently would hide the mistake.
fn named_by(variable: &str, name: &'static str) -> Result<Option<PathBuf>, DevError> {
    let Some(path) = std::env::var_os(variable).map(PathBuf::from) else {
        return Ok(None);
    };
    match program(&path) {
        Some(path) => Ok(Some(path)),
        None => Err(missing(
            name,
            format!("{variable} names {}, which is no program.", path.display()),
        )),
    }
}

/// The program of that name on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find_map(|folder| program(&folder.join(name)))
}

/// The absolute path of an executable file.
fn program(path: &Path) -> Option<PathBuf> {
    let executable = rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file();
    executable.then(|| std::path::absolute(path).ok()).flatten()
}

fn parent(path: PathBuf) -> Option<PathBuf> {
    path.parent().map(Path::to_owned)
}

fn cache() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/slipway"));
    std::env::var_os("SLIPWAY_CACHE")
        .map(PathBuf::from)
        .or_else(home)
        .unwrap_or_default()
}

fn missing(program: &'static str, advice: impl Into<String>) -> DevError {
    DevError::Missing {
        program,
        advice: advice.into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_executable_files_are_programs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mongod");
        assert_eq!(program(&file), None);
        std::fs::create_dir(&file).unwrap();
        assert_eq!(program(&file), None);
        assert!(on_path("sh").unwrap().is_absolute());
        assert_eq!(on_path("no-such-program"), None);
    }
}
