//! What can stop a dump or a restore, said to the person at the terminal.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::store::FilesUrl;
use crate::storage::StorageError;

/// Every variant names the file or the collection.
#[derive(Debug, Error)]
pub enum DumpError {
    #[error("{path}: {source}", path = path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// `offset` is where the incomplete document begins, in bytes of the unpacked file.
    #[error(
        "{path} ends in the middle of the document at byte {offset}: the copy is incomplete. Copy or dump it again",
        path = path.display()
    )]
    Truncated { path: PathBuf, offset: u64 },
    /// `offset` as in `Truncated`.
    #[error("{path} is damaged at byte {offset}: {reason}. Copy or dump it again", path = path.display())]
    Corrupt {
        path: PathBuf,
        offset: u64,
        reason: String,
    },
    #[error("{path} is not mongodump's metadata: {reason}", path = path.display())]
    Metadata { path: PathBuf, reason: String },
    #[error("{path} is of a dump that did not finish. Repeat the dump, which writes what is missing", path = path.display())]
    Unfinished { path: PathBuf },
    /// The folder is not a dump of one database; the text says what it is.
    #[error("{0}")]
    Layout(String),
    #[error("collection {collection}: {source}")]
    Collection {
        collection: String,
        #[source]
        source: StorageError,
    },
    /// `offset` is where the document begins, as in `Truncated`.
    #[error(
        "collection {collection}: the document at byte {offset} of its file was refused: {reason}. \
         Documents before it are kept, and repeating the restore continues"
    )]
    Refused {
        collection: String,
        offset: u64,
        reason: String,
    },
    #[error("collection {0} exists with other options. `--drop` replaces it by the one of the dump")]
    OtherOptions(String),
    #[error("file store {url}: {reason}")]
    Files { url: String, reason: String },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<mongodb::error::Error> for DumpError {
    fn from(error: mongodb::error::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl DumpError {
    /// For `map_err`: this file could not be worked with.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }

    /// The store that was named cannot be worked with.
    pub(super) fn files(url: &FilesUrl, reason: impl ToString) -> Self {
        Self::Files {
            url: url.to_string(),
            reason: reason.to_string(),
        }
    }

    /// For `map_err`: the database refused something of this collection.
    pub(super) fn of<E: Into<StorageError>>(collection: &str) -> impl FnOnce(E) -> Self {
        let collection = collection.to_owned();
        |source| Self::Collection {
            collection,
            source: source.into(),
        }
    }
}
