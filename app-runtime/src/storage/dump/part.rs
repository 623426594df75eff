//! A file that gets its name only when it is complete and on disk.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::DumpError;

const BUFFER: usize = 1 << 20;

/// Written as `<path>.part`; left behind under that name when it is dropped unfinished.
pub(super) struct PartFile {
    path: PathBuf,
    output: Output,
}

enum Output {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl PartFile {
    /// Starts from nothing, whatever an interrupted dump left. Packed when the name ends in `.gz`.
    pub(super) fn create(path: PathBuf) -> Result<Self, DumpError> {
        let buffered = BufWriter::with_capacity(BUFFER, begin(&path)?);
        let output = if path.extension().is_some_and(|ending| ending == "gz") {
            Output::Gzip(GzEncoder::new(buffered, Compression::default()))
        } else {
            Output::Plain(buffered)
        };
        Ok(Self { path, output })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), DumpError> {
        match &mut self.output {
            Output::Plain(output) => output.write_all(bytes),
            Output::Gzip(output) => output.write_all(bytes),
        }
        .map_err(DumpError::file(&self.path))
    }

    /// The file is complete.
    pub(super) fn finish(self) -> Result<(), DumpError> {
        let path = self.path;
        close(self.output)
            .and_then(|()| fs::rename(part_of(&path), &path))
            .map_err(DumpError::file(&path))
    }
}

/// Makes the unfinished file, empty.
pub(super) fn begin(path: &Path) -> Result<File, DumpError> {
    let part = part_of(path);
    // A dump holds password hashes and sessions: nobody but its owner may read it.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .map_err(DumpError::file(&part))
}

fn close(output: Output) -> io::Result<()> {
    let buffered = match output {
        Output::Plain(buffered) => buffered,
        Output::Gzip(packed) => packed.finish()?,
    };
    buffered.into_inner()?.sync_all()
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".part");
    name.into()
}

/// Makes the folder, readable by its owner only; fine when it is there.
pub(super) fn create_folder(path: &Path) -> Result<(), DumpError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(DumpError::file(path))
}

/// Removes what an interrupted dump left in a database's folder.
pub(super) fn remove_parts(folder: &Path) -> Result<(), DumpError> {
    for entry in fs::read_dir(folder).map_err(DumpError::file(folder))? {
        let path = entry.map_err(DumpError::file(folder))?.path();
        if is_part(&path) {
            fs::remove_file(&path).map_err(DumpError::file(&path))?;
        }
    }
    Ok(())
}

/// Whether this is an unfinished file of a dump.
pub(super) fn is_part(path: &Path) -> bool {
    let name = path.to_string_lossy();
    [".bson", ".bson.gz", ".metadata.json", ".metadata.json.gz"]
        .iter()
        .any(|ending| {
            name.strip_suffix(".part")
                .is_some_and(|name| name.ends_with(ending))
        })
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> Result<(), DumpError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DumpError::file(path)(error)),
        _ => Ok(()),
    }
}
