//! The documents of a find, as they come. In a transaction they come all at once: its session is for one operation at a
//! time, and whoever reads may ask for more before they have seen the last of these.

use bson::{RawDocument, RawDocumentBuf};
use futures_util::TryStreamExt;
use mongodb::action::Find;
use mongodb::{Collection, Cursor};
use serde::de::DeserializeOwned;

use crate::storage::error::StorageResult;
use crate::storage::transaction;

/// See the module.
pub(super) enum Found {
    Streamed(Box<Cursor<RawDocumentBuf>>),
    Gathered {
        current: RawDocumentBuf,
        rest: std::vec::IntoIter<RawDocumentBuf>,
    },
}

impl Found {
    /// Starts a find.
    pub async fn start(
        collection: &Collection<RawDocumentBuf>,
        find: Find<'_, RawDocumentBuf>,
    ) -> StorageResult<Self> {
        if transaction::is_open() {
            let rest = all(collection, find).await?.into_iter();
            let current = RawDocumentBuf::new();
            return Ok(Self::Gathered { current, rest });
        }
        Ok(Self::Streamed(Box::new(find.await?)))
    }

    /// Goes to the next document; `false` after the last.
    pub async fn advance(&mut self) -> StorageResult<bool> {
        match self {
            Self::Streamed(cursor) => Ok(cursor.advance().await?),
            Self::Gathered { current, rest } => {
                let next = rest.next();
                let found = next.is_some();
                *current = next.unwrap_or_default();
                Ok(found)
            }
        }
    }

    /// The document that [`Self::advance`] went to; before that, an empty one.
    pub fn current(&self) -> &RawDocument {
        match self {
            Self::Streamed(cursor) => cursor.current(),
            Self::Gathered { current, .. } => current,
        }
    }

    /// All that are left.
    pub async fn all(self) -> StorageResult<Vec<RawDocumentBuf>> {
        match self {
            Self::Streamed(cursor) => Ok(cursor.try_collect().await?),
            Self::Gathered { rest, .. } => Ok(rest.collect()),
        }
    }
}

/// All documents of a find, in the transaction of this task if there is one.
pub(super) async fn all<T>(collection: &Collection<T>, find: Find<'_, T>) -> StorageResult<Vec<T>>
where
    T: DeserializeOwned + Unpin + Send + Sync,
{
    let Some(mut membership) = transaction::join(collection.name()).await else {
        return Ok(find.await?.try_collect().await?);
    };
    let read = async {
        let mut cursor = find.session(&mut *membership.session).await?;
        cursor.stream(&mut membership.session).try_collect().await
    };
    let read = read.await;
    Ok(membership.note(read)?)
}
