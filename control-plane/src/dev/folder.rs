//! The data folder of `slipway dev`: where everything lies, and whether we may work in it.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::error::DevError;
use crate::regions::local::files::{create_private_folder, write_private};

/// The layout this program writes and knows.
const VERSION: u32 = 1;
/// Below this many free bytes the databases would soon stop in the middle of something.
const NEEDED: u64 = 1024 * 1024 * 1024;

/// A checked data folder.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Checks `path`, creates it when it is missing, and marks it with our layout version.
    pub fn open(path: &Path) -> Result<Self, DevError> {
        let path = std::path::absolute(path).map_err(DevError::folder(path))?;
        create_top(&path).map_err(DevError::folder(&path))?;
        // One spelling for ever: processes are recognised by the paths in their arguments.
        let path = path.canonicalize().map_err(DevError::folder(&path))?;
        let folder = Self { path };
        folder.check_version()?;
        folder.check_space()?;
        for part in ["apps", "logs", "mongo", "postgres", "run", "secrets"] {
            let part = folder.path.join(part);
            create_private_folder(&part).map_err(DevError::folder(&part))?;
        }
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The log of one part, `logs/<name>.log`.
    pub fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(format!("{name}.log"))
    }

    /// Pid files and ports of what we supervise, `run/<name>`.
    pub fn run(&self, name: &str) -> PathBuf {
        self.path.join("run").join(name)
    }

    /// A generated secret, `secrets/<name>`.
    pub fn secret(&self, name: &str) -> PathBuf {
        self.path.join("secrets").join(name)
    }

    fn check_version(&self) -> Result<(), DevError> {
        let file = self.path.join("version");
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text.trim().to_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return self.mark(&file),
            Err(error) => return Err(DevError::folder(&file)(error)),
        };
        match text.parse::<u32>() {
            Ok(version) if version <= VERSION => self.check_owner(&file),
            _ => Err(DevError::NewerFolder {
                path: self.path.clone(),
                found: text,
                known: VERSION,
            }),
        }
    }

    /// Root could work in anybody's folder, but would leave files in it that its owner cannot open.
    fn check_owner(&self, version_file: &Path) -> Result<(), DevError> {
        let owner = std::fs::metadata(version_file)
            .map_err(DevError::folder(version_file))?
            .uid();
        let ourselves = rustix::process::geteuid().as_raw();
        if owner != ourselves {
            return Err(DevError::OtherOwner {
                path: self.path.clone(),
                owner,
                ourselves,
            });
        }
        rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK)
            .map_err(|error| DevError::folder(&self.path)(error.into()))
    }

    /// Takes an empty folder; one with foreign things in it is left alone.
    fn mark(&self, file: &Path) -> Result<(), DevError> {
        let entries = std::fs::read_dir(&self.path).map_err(DevError::folder(&self.path))?;
        let known = ["lock", "version.new", "lost+found"];
        let foreign = |name: std::ffi::OsString| !known.iter().any(|known| name == *known);
        if entries
            .filter_map(Result::ok)
            .any(|entry| foreign(entry.file_name()))
        {
            return Err(DevError::NotADataFolder(self.path.clone()));
        }
        write_private(file, format!("{VERSION}\n").as_bytes()).map_err(DevError::folder(&self.path))
    }

    fn check_space(&self) -> Result<(), DevError> {
        let disk =
            rustix::fs::statvfs(&self.path).map_err(|error| DevError::folder(&self.path)(error.into()))?;
        self.judge_space(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn judge_space(&self, free: u64) -> Result<(), DevError> {
        if free >= NEEDED {
            return Ok(());
        }
        let mib = |bytes: u64| bytes / (1024 * 1024);
        Err(DevError::DiskFull {
            path: self.path.clone(),
            free_mib: mib(free),
            needed_mib: mib(NEEDED),
        })
    }
}

/// What lies in it is private, part by part; the user who runs PostgreSQL for root has to pass through.
fn create_top(path: &Path) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn new_folder_is_marked_and_opens_again() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        DataFolder::open(&path).unwrap();
        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(
            std::fs::read_to_string(folder.path().join("version")).unwrap(),
            "1\n"
        );
    }

    #[test]
    fn folder_of_a_newer_version_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("version"), "2\n").unwrap();
        let error = DataFolder::open(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("layout version 2") && error.contains("SLIPWAY_DATA_DIR"),
            "{error}"
        );
        assert!(!folder.path().join("postgres").exists());
    }

    #[test]
    fn folder_of_another_user_is_refused_even_for_root() {
        let folder = tempfile::tempdir().unwrap();
        DataFolder::open(folder.path()).unwrap();
        // Only root can give a file away; for anybody else there is nothing to refuse here.
        if std::os::unix::fs::chown(folder.path().join("version"), Some(65_534), None).is_ok() {
            let error = DataFolder::open(folder.path()).unwrap_err().to_string();
            assert!(error.contains("user 65534"), "{error}");
        }
    }

    #[test]
    fn nearly_full_disk_is_named_with_what_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(folder.path()).unwrap();
        folder.judge_space(NEEDED).unwrap();
        let error = folder.judge_space(NEEDED - 1).unwrap_err().to_string();
        assert!(error.contains("1023 MiB free, 1024 MiB needed"), "{error}");
    }

    #[test]
    fn folder_with_foreign_files_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.txt"), "").unwrap();
        assert!(matches!(
            DataFolder::open(folder.path()),
            Err(DevError::NotADataFolder(_))
        ));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn file_in_the_place_of_the_folder_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(
            DataFolder::open(file.path()),
            Err(DevError::Folder { .. })
        ));
    }
}
