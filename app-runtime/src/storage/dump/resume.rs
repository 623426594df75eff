//! How far an interrupted dump came with a collection: the whole documents of its unfinished file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use bson::raw::cstr;
use bson::{Document, RawDocument, RawDocumentBuf};
use flate2::bufread::GzDecoder;

use super::error::DumpError;
use super::read::{BUFFER, Documents};
use crate::storage::StorageError;

/// The beginning of an unfinished file that can stay.
#[derive(Debug)]
pub(super) struct Kept {
    /// Bytes of the file.
    pub(super) length: u64,
    pub(super) documents: u64,
    /// Bytes of the documents, which is more than `length` when they are packed.
    pub(super) bytes: u64,
    /// `{_id: …}` of the last document.
    pub(super) last: RawDocumentBuf,
}

/// What can stay of this unfinished file; `None` if that is nothing, or it is not there. Whatever follows the last whole
/// document, or the last whole part of a packed file, is as if it had not been written.
pub(super) fn kept(part: &Path, packed: bool) -> Result<Option<Kept>, DumpError> {
    let file = match File::open(part) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(DumpError::file(part))?,
    };
    let mut input = BufReader::with_capacity(BUFFER, file);
    let mut seen = Seen::default();
    if !packed {
        seen.read(part, &mut input)?;
        let length = seen.bytes;
        return Ok(seen.kept(length));
    }
    let mut whole = None;
    while seen.read(part, &mut GzDecoder::new(&mut input))? {
        let length = input.stream_position().map_err(DumpError::file(part))?;
        whole = seen.kept(length);
        if input.fill_buf().map_err(DumpError::file(part))?.is_empty() {
            break;
        }
    }
    Ok(whole)
}

/// Documents so far.
#[derive(Default)]
struct Seen {
    documents: u64,
    bytes: u64,
    last: Option<RawDocumentBuf>,
}

impl Seen {
    /// Counts the documents of `input`; whether that ends with one.
    fn read(&mut self, part: &Path, input: &mut (dyn Read + Send)) -> Result<bool, DumpError> {
        let mut documents = Documents::of(part, input);
        loop {
            match documents.next() {
                Ok(Some(found)) => {
                    self.documents += 1;
                    self.bytes += found.document.as_bytes().len() as u64;
                    self.last = Some(found.document);
                }
                Ok(None) => return Ok(true),
                Err(DumpError::Truncated { .. } | DumpError::Corrupt { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    fn kept(&self, length: u64) -> Option<Kept> {
        Some(Kept {
            length,
            documents: self.documents,
            bytes: self.bytes,
            last: id(self.last.as_ref()?)?,
        })
    }
}

impl Kept {
    /// Where the index goes on, this document included.
    pub(super) fn bound(&self) -> Result<Document, StorageError> {
        Ok(Document::try_from(&*self.last)?)
    }

    /// Whether this is the last document that was kept.
    pub(super) fn ends_with(&self, document: &RawDocument) -> bool {
        id(document).is_some_and(|id| id == self.last)
    }
}

/// `{_id: …}` of a document.
fn id(document: &RawDocument) -> Option<RawDocumentBuf> {
    let mut id = RawDocumentBuf::new();
    id.append(cstr!("_id"), document.get("_id").ok()??);
    Some(id)
}
