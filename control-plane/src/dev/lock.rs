//! One `slipway dev` per data folder. The lock is the kernel's (flock(2)), so it is gone with its owner,
//! however that ends; the file only tells who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::DevError;

/// Holds the data folder until it is dropped, and takes its file away then.
#[derive(Debug)]
pub struct FolderLock {
    path: PathBuf,
    _file: File,
}

impl FolderLock {
    /// Takes the lock of the data folder, or says who has it.
    pub fn take(folder: &Path) -> Result<Self, DevError> {
        let path = folder.join("lock");
        loop {
            let mut file = open(&path).map_err(DevError::folder(&path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(folder, &mut file)),
                Err(TryLockError::Error(error)) => return Err(DevError::folder(&path)(error)),
            }
            // Its last holder may have removed the file between our open and our lock.
            if is_still_there(&file, &path) {
                write_pid(&mut file).map_err(DevError::folder(&path))?;
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Before the lock is let go: whoever takes it next makes a file of their own.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn held(folder: &Path, file: &mut File) -> DevError {
    let mut pid = String::new();
    let _ = file.read_to_string(&mut pid);
    DevError::Locked {
        path: folder.to_owned(),
        pid: pid.trim().to_owned(),
    }
}

fn is_still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn second_start_is_told_which_process_holds_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(folder.path()).unwrap();
        let error = FolderLock::take(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        drop(lock);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "no lock file stays"
        );
        FolderLock::take(folder.path()).unwrap();
    }

    #[test]
    fn file_left_by_a_killed_process_does_not_lock() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lock"), "1\n").unwrap();
        FolderLock::take(folder.path()).unwrap();
    }
}
