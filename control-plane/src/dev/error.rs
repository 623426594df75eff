//! Why `slipway dev` could not start or go on. Each sentence says what to do next.

use std::path::{Path, PathBuf};

use crate::regions::RegionError;

/// What stops `slipway dev`.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    #[error("The data folder {path} cannot be used: {source}. {advice}")]
    Folder {
        path: PathBuf,
        source: std::io::Error,
        advice: &'static str,
    },
    #[error(
        "{0} is neither empty nor a data folder of Slipway. Choose another folder with SLIPWAY_DATA_DIR."
    )]
    NotADataFolder(PathBuf),
    #[error(
        "The data folder {path} has layout version {found}; this Slipway knows versions up to {known}. Start the \
         newer Slipway that wrote it, or choose another folder with SLIPWAY_DATA_DIR."
    )]
    NewerFolder {
        path: PathBuf,
        found: String,
        known: u32,
    },
    #[error(
        "The data folder {path} belongs to user {owner}, and you are user {ourselves}. Run as its owner, or choose another \
         folder with SLIPWAY_DATA_DIR."
    )]
    OtherOwner {
        path: PathBuf,
        owner: u32,
        ourselves: u32,
    },
    #[error(
        "The disk of {path} is nearly full: {free_mib} MiB free, {needed_mib} MiB needed. Free some space, or choose a \
         folder on another disk with SLIPWAY_DATA_DIR."
    )]
    DiskFull {
        path: PathBuf,
        free_mib: u64,
        needed_mib: u64,
    },
    #[error(
        "Slipway already runs on {path} as process {pid}. Stop it with Ctrl-C in its terminal or with `kill {pid}`, or \
         choose another folder with SLIPWAY_DATA_DIR."
    )]
    Locked { path: PathBuf, pid: String },
    #[error(
        "Port {0} is taken by another program. Stop that program, or choose another port: SLIPWAY_PORT={next} make run",
        next = .0.saturating_add(1)
    )]
    PortTaken(u16),
    #[error("Port {port} cannot be used: {source}. Choose another one with SLIPWAY_PORT.")]
    Port { port: u16, source: std::io::Error },
    #[error("{program} was not found. {advice}")]
    Missing { program: &'static str, advice: String },
    #[error(
        "PostgreSQL refuses to run as root, and user {uid}, as which root runs it, cannot reach {path}. Choose a folder \
         it can reach with SLIPWAY_DATA_DIR, for example below /var/lib, or start Slipway as an ordinary user."
    )]
    Unreachable { path: PathBuf, uid: u32 },
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("{service} does not start: {cause}. Its log: {log}")]
    Service {
        service: &'static str,
        cause: String,
        log: PathBuf,
    },
    #[error("PostgreSQL: {0}")]
    Postgres(#[from] sqlx::Error),
    #[error("MongoDB: {0}")]
    Mongo(#[from] mongodb::error::Error),
    #[error(transparent)]
    Region(#[from] RegionError),
    #[error("The control plane does not start: {0}")]
    ControlPlane(String),
}

impl DevError {
    /// Names the act an I/O error happened in; for `map_err`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// An error of the data folder itself; for `map_err`.
    pub fn folder(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| {
            let advice = match source.kind() {
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    "Run as its owner, or choose a folder you may write to with SLIPWAY_DATA_DIR."
                }
                std::io::ErrorKind::StorageFull => "Free some space on its disk.",
                _ => "Choose another folder with SLIPWAY_DATA_DIR.",
            };
            Self::Folder { path, source, advice }
        }
    }
}
