//! Small files with secrets in them: private from the first byte, replaced in one step.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Writes `content` with mode 0600 beside `path` and renames it over; a reader, and a crash, find the
/// old or the new content, never half of one.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    // A draft left by a crash could have another mode.
    remove_if_there(Path::new(&draft))?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

/// Creates a folder and its parents, readable by our user alone; fine if it is there.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Removes a file; nothing to remove is fine.
pub fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Keeps a log that another process appends to below `limit` bytes: the old part moves to `<log>.1`.
/// The writer keeps its descriptor, so the content is copied and the file cut, as logrotate's
/// `copytruncate` does.
pub fn rotate_log(path: &Path, limit: u64) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > limit => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    let mut older = path.as_os_str().to_owned();
    older.push(".1");
    std::fs::copy(path, older)?;
    OpenOptions::new().write(true).truncate(true).open(path).map(drop)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn file_is_private_and_replaced_even_after_a_crash_left_a_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::fs::write(folder.path().join("settings.json.new"), "half").unwrap();
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn log_beyond_the_limit_moves_aside_while_its_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runtime.log");
        rotate_log(&path, 4).unwrap();
        let mut writer = OpenOptions::new().append(true).create(true).open(&path).unwrap();
        writer.write_all(b"1234").unwrap();
        rotate_log(&path, 4).unwrap();
        writer.write_all(b"5").unwrap();
        rotate_log(&path, 4).unwrap();
        writer.write_all(b"6").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "6");
        assert_eq!(
            std::fs::read_to_string(folder.path().join("runtime.log.1")).unwrap(),
            "12345"
        );
    }
}
