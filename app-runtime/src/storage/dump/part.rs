//! A file that gets its name only when it is complete and on disk.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::DumpError;

const BUFFER: usize = 1 << 20;
/// A packed file consists of members of this many bytes before packing, each complete in itself: one that was cut off is
/// all that an interruption costs.
const MEMBER: usize = 4 << 20;

/// Written as `<path>.part`; left behind under that name when it is dropped unfinished.
pub(super) struct PartFile {
    path: PathBuf,
    file: BufWriter<File>,
    /// When the name ends in `.gz`.
    packing: Option<Packing>,
}

#[derive(Default)]
struct Packing {
    member: Option<GzEncoder<Vec<u8>>>,
    /// Bytes in the member.
    taken: usize,
    is_begun: bool,
}

impl PartFile {
    /// Starts from nothing, whatever an interrupted dump left.
    pub(super) fn create(path: PathBuf) -> Result<Self, DumpError> {
        Self::after(path, 0)
    }

    /// Keeps the first `length` bytes that an interrupted dump left.
    pub(super) fn after(path: PathBuf, length: u64) -> Result<Self, DumpError> {
        let mut file = begin(&path)?;
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(DumpError::file(&path))?;
        let packing = Packing {
            is_begun: length > 0,
            ..Packing::default()
        };
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, file),
            packing: is_packed(&path).then_some(packing),
            path,
        })
    }

    /// `bytes` are kept or lost as a whole.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), DumpError> {
        match &mut self.packing {
            None => self.file.write_all(bytes),
            Some(packing) => packing.write(bytes, &mut self.file),
        }
        .map_err(DumpError::file(&self.path))
    }

    /// The file is complete.
    pub(super) fn finish(mut self) -> Result<(), DumpError> {
        let path = self.path.clone();
        self.close()
            .and_then(|()| fs::rename(part_of(&path), &path))
            .map_err(DumpError::file(&path))
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some(packing) = &mut self.packing {
            packing.close(&mut self.file)?;
        }
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}

impl Packing {
    fn write(&mut self, bytes: &[u8], file: &mut impl Write) -> io::Result<()> {
        let new = || GzEncoder::new(Vec::new(), Compression::default());
        self.member.get_or_insert_with(new).write_all(bytes)?;
        self.taken += bytes.len();
        if self.taken >= MEMBER {
            self.close_member(file)?;
        }
        Ok(())
    }

    /// A file of nothing has a member, too, or it would be no packed file.
    fn close(&mut self, file: &mut impl Write) -> io::Result<()> {
        if self.member.is_none() && !self.is_begun {
            self.write(&[], file)?;
        }
        self.close_member(file)
    }

    fn close_member(&mut self, file: &mut impl Write) -> io::Result<()> {
        let Some(member) = self.member.take() else {
            return Ok(());
        };
        (self.taken, self.is_begun) = (0, true);
        file.write_all(&member.finish()?)
    }
}

/// Whether the file of this name is packed.
pub(super) fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "gz")
}

/// Makes the unfinished file, unless an interrupted dump has.
pub(super) fn begin(path: &Path) -> Result<File, DumpError> {
    let part = part_of(path);
    // A dump holds password hashes and sessions: nobody but its owner may read it.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&part)
        .map_err(DumpError::file(&part))
}

/// The name of the unfinished file.
pub(super) fn part_of(path: &Path) -> PathBuf {
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

/// Removes what an interrupted dump left in a database's folder, but for `wanted`.
pub(super) fn remove_parts(folder: &Path, wanted: &[PathBuf]) -> Result<(), DumpError> {
    for entry in fs::read_dir(folder).map_err(DumpError::file(folder))? {
        let path = entry.map_err(DumpError::file(folder))?.path();
        if is_part(&path) && !wanted.contains(&path) {
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
