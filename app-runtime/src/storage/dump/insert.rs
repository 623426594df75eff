//! Batches of documents on their way into a collection, some of which may be there from an earlier try.

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::ops::AddAssign;

use bson::raw::cstr;
use bson::{RawArrayBuf, RawDocument, RawDocumentBuf, rawdoc};
use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::error::{Error, ErrorKind, IndexedWriteError};
use mongodb::options::WriteConcern;

use super::error::DumpError;
use super::progress::Progress;
use super::read::Found;
use crate::storage::StorageError;

/// A batch is full at either; a single document may be larger.
const BATCH_DOCUMENTS: usize = 1000;
const BATCH_BYTES: usize = 8 << 20;
/// MongoDB's `DuplicateKey`.
const DUPLICATE: i32 = 11000;

/// What became of documents.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) inserted: u64,
    pub(super) present: u64,
    pub(super) different: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.present += other.present;
        self.different += other.different;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} inserted", self.inserted)?;
        if self.present > 0 {
            write!(formatter, ", {} there already", self.present)?;
        }
        if self.different > 0 {
            write!(formatter, ", {} kept that differ from the dump", self.different)?;
        }
        Ok(())
    }
}

/// Documents that are inserted together.
#[derive(Default)]
pub(super) struct Batch {
    documents: Vec<RawDocumentBuf>,
    offsets: Vec<u64>,
    bytes: usize,
}

impl Batch {
    pub(super) fn has_room_for(&self, found: &Found) -> bool {
        self.documents.is_empty()
            || (self.documents.len() < BATCH_DOCUMENTS
                && self.bytes + found.document.as_bytes().len() <= BATCH_BYTES)
    }

    pub(super) fn push(&mut self, found: Found) {
        self.bytes += found.document.as_bytes().len();
        self.documents.push(found.document);
        self.offsets.push(found.offset);
    }

    /// Inserts what it has and is empty afterwards.
    pub(super) async fn insert(
        &mut self,
        target: &Collection<RawDocumentBuf>,
        progress: &mut Progress,
    ) -> Result<Counts, DumpError> {
        let batch = mem::take(self);
        if batch.documents.is_empty() {
            return Ok(Counts::default());
        }
        let written = target
            .insert_many(&batch.documents)
            .ordered(false)
            .write_concern(WriteConcern::majority())
            .await;
        let counts = match written {
            Ok(_) => Counts {
                inserted: batch.documents.len() as u64,
                ..Counts::default()
            },
            Err(error) => batch.repeated(target, error).await?,
        };
        progress.add(batch.documents.len(), batch.bytes);
        Ok(counts)
    }

    /// Fine when every refused document is there under its id; an error of anything else.
    async fn repeated(&self, target: &Collection<RawDocumentBuf>, error: Error) -> Result<Counts, DumpError> {
        let refused = refused(target.name(), error)?;
        if let Some(other) = refused.iter().find(|refused| refused.code != DUPLICATE) {
            return Err(self.refusal(target, other));
        }
        let stored = self
            .stored(target, &refused)
            .await
            .map_err(DumpError::of(target.name()))?;
        let mut counts = Counts {
            inserted: (self.documents.len() - refused.len()) as u64,
            ..Counts::default()
        };
        for one in &refused {
            let document = &self.documents[one.index];
            match stored.get(&id_of(document).map_err(DumpError::of(target.name()))?) {
                Some(true) => counts.present += 1,
                Some(false) => counts.different += 1,
                // Another unique index than that of the ids.
                None => return Err(self.refusal(target, one)),
            }
        }
        Ok(counts)
    }

    fn refusal(&self, target: &Collection<RawDocumentBuf>, refused: &IndexedWriteError) -> DumpError {
        DumpError::Refused {
            collection: target.name().to_owned(),
            offset: self.offsets[refused.index],
            reason: refused.message.clone(),
        }
    }

    /// Of the refused documents' ids, those that are stored, and whether with the same contents.
    async fn stored(
        &self,
        target: &Collection<RawDocumentBuf>,
        refused: &[IndexedWriteError],
    ) -> Result<HashMap<Vec<u8>, bool>, StorageError> {
        let mut ids = RawArrayBuf::new();
        let mut wanted = HashMap::new();
        for document in refused.iter().map(|refused| &self.documents[refused.index]) {
            if let Some(id) = document.get("_id")? {
                ids.push(id);
            }
            wanted.insert(id_of(document)?, document.as_bytes());
        }
        let mut found = target.find(rawdoc! { "_id": { "$in": ids } }.try_into()?).await?;
        let mut stored = HashMap::new();
        while let Some(document) = found.try_next().await? {
            let id = id_of(&document)?;
            let same = wanted.get(&id).is_some_and(|bytes| *bytes == document.as_bytes());
            stored.insert(id, same);
        }
        Ok(stored)
    }
}

/// The documents the database refused; an error that is not about documents is returned.
fn refused(collection: &str, error: Error) -> Result<Vec<IndexedWriteError>, DumpError> {
    match *error.kind {
        ErrorKind::InsertMany(ref many) if many.write_concern_error.is_none() => {
            Ok(many.write_errors.clone().unwrap_or_default())
        }
        _ => Err(DumpError::of(collection)(error)),
    }
}

/// The bytes of a document's id with its type.
fn id_of(document: &RawDocument) -> Result<Vec<u8>, StorageError> {
    let mut id = RawDocumentBuf::new();
    if let Some(value) = document.get("_id")? {
        id.append(cstr!("_id"), value);
    }
    Ok(id.into_bytes())
}
