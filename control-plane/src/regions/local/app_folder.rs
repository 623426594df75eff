//! What the driver keeps on disk for one app: `apps/<app id>/`.

use std::io;
use std::path::{Path, PathBuf};

use ids::AppId;

use super::files::{create_private_folder, write_private};
use super::process::PidFile;

/// The folder of one app.
#[derive(Clone, Debug)]
pub struct AppFolder {
    path: PathBuf,
}

impl AppFolder {
    /// `apps` is the absolute path of the folder of all apps.
    pub fn new(apps: &Path, id: &AppId) -> Self {
        Self {
            path: apps.join(id.as_str()),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings the runtime is started with; holds secrets.
    pub fn settings(&self) -> PathBuf {
        self.path.join("settings.json")
    }

    /// Files the app's users upload.
    pub fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// Output of the runtime.
    pub fn log(&self) -> PathBuf {
        self.path.join("runtime.log")
    }

    pub fn pid_file(&self) -> PidFile {
        PidFile::new(self.path.join("runtime.pid"))
    }

    /// Creates what is missing.
    pub fn create(&self) -> io::Result<()> {
        create_private_folder(&self.files())
    }

    /// The port given to this app, if one was.
    pub fn port(&self) -> Option<u16> {
        std::fs::read_to_string(self.path.join("port"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    pub fn remember_port(&self, port: u16) -> io::Result<()> {
        write_private(&self.path.join("port"), format!("{port}\n").as_bytes())
    }

    /// Removes the folder with everything in it; nothing to remove is fine.
    pub fn remove(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The folders of all apps below `apps`, of both regions.
    pub fn all(apps: &Path) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(apps) else {
            return Vec::new();
        };
        entries
            .filter_map(Result::ok)
            .filter(|entry| {
                entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| name.parse::<AppId>().is_ok())
            })
            .map(|entry| Self { path: entry.path() })
            .collect()
    }
}
