//! The documents of one `.bson` file, one at a time, checked as they come.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use bson::raw::RawIter;
use bson::spec::ElementType;
use bson::{RawBsonRef, RawDocumentBuf};
use flate2::read::MultiGzDecoder;

use super::error::DumpError;
use super::metadata::Metadata;

pub(super) const BUFFER: usize = 1 << 20;
/// MongoDB's largest document, and what it adds for its own ones.
const LARGEST_DOCUMENT: usize = (16 << 20) + (16 << 10);
const SMALLEST_DOCUMENT: usize = 5;
/// MongoDB stores no more than 180 levels, so this many are damage.
const DEEPEST: usize = 256;
/// Far beyond any collection's metadata.
const LARGEST_METADATA: u64 = 64 << 20;

/// A document and the byte its file has it at, after unpacking.
pub(super) struct Found {
    pub(super) document: RawDocumentBuf,
    pub(super) offset: u64,
}

/// Reads a file from its beginning; unpacks it when its name ends in `.gz`.
pub(super) struct Documents<'i> {
    path: PathBuf,
    input: Box<dyn Read + Send + 'i>,
    offset: u64,
}

impl<'i> Documents<'i> {
    pub(super) fn open(path: &Path) -> Result<Self, DumpError> {
        Ok(Self::of(path, open(path)?))
    }

    /// Of `input`, which is a part of this file or what it unpacks to.
    pub(super) fn of(path: &Path, input: impl Read + Send + 'i) -> Self {
        Self {
            input: Box::new(input),
            path: path.to_owned(),
            offset: 0,
        }
    }

    /// `None` at the end. A file that ends elsewhere than between two documents is an error.
    pub(super) fn next(&mut self) -> Result<Option<Found>, DumpError> {
        let mut bytes = vec![0; 4];
        if self.fill(&mut bytes)? == 0 {
            return Ok(None);
        }
        let length = bytes
            .iter()
            .rev()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        if !(SMALLEST_DOCUMENT..=LARGEST_DOCUMENT).contains(&length) {
            return Err(self.corrupt(format!("a document of {length} bytes cannot be")));
        }
        bytes.resize(length, 0);
        self.fill(&mut bytes[4..])?;
        let document = RawDocumentBuf::from_bytes(bytes).map_err(|error| self.corrupt(error.to_string()))?;
        well_formed(document.iter_elements(), DEEPEST).map_err(|reason| self.corrupt(reason))?;
        let offset = self.offset;
        self.offset += length as u64;
        Ok(Some(Found { document, offset }))
    }

    /// Fills all of `bytes`, or nothing at the end of the file when a document would begin there.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, DumpError> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.input.read(&mut bytes[filled..]) {
                Ok(0) if filled == 0 && bytes.len() == 4 => return Ok(0),
                Ok(0) => return Err(self.truncated()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        Ok(filled)
    }

    fn unreadable(&self, error: io::Error) -> DumpError {
        match error.kind() {
            ErrorKind::UnexpectedEof => self.truncated(),
            ErrorKind::InvalidInput | ErrorKind::InvalidData => self.corrupt(error.to_string()),
            _ => DumpError::file(&self.path)(error),
        }
    }

    fn truncated(&self) -> DumpError {
        DumpError::Truncated {
            path: self.path.clone(),
            offset: self.offset,
        }
    }

    fn corrupt(&self, reason: String) -> DumpError {
        DumpError::Corrupt {
            path: self.path.clone(),
            offset: self.offset,
            reason,
        }
    }
}

/// Whether lengths and types add up. Texts are not looked at: MongoDB stores those that are not UTF-8, too.
fn well_formed(elements: RawIter<'_>, depth: usize) -> Result<(), String> {
    if depth == 0 {
        return Err(format!("nested deeper than {DEEPEST} levels"));
    }
    for element in elements {
        let element = element.map_err(|error| error.to_string())?;
        if !matches!(
            element.element_type(),
            ElementType::EmbeddedDocument | ElementType::Array
        ) {
            continue;
        }
        match element.value().map_err(|error| error.to_string())? {
            RawBsonRef::Document(inner) => well_formed(inner.iter_elements(), depth - 1)?,
            RawBsonRef::Array(inner) => well_formed(inner.iter_elements(), depth - 1)?,
            _ => {}
        }
    }
    Ok(())
}

/// The options and indexes in a file.
pub(super) fn metadata(path: &Path) -> Result<Metadata, DumpError> {
    let mut json = Vec::new();
    open(path)?
        .take(LARGEST_METADATA)
        .read_to_end(&mut json)
        .map_err(DumpError::file(path))?;
    Metadata::of_json(&json).map_err(|reason| DumpError::Metadata {
        path: path.to_owned(),
        reason,
    })
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>, DumpError> {
    let file = File::open(path).map_err(DumpError::file(path))?;
    let plain = BufReader::with_capacity(BUFFER, file);
    if path.extension().is_some_and(|ending| ending == "gz") {
        return Ok(Box::new(MultiGzDecoder::new(plain)));
    }
    Ok(Box::new(plain))
}
