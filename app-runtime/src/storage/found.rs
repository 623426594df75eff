//! The documents of a find, as they come. In a transaction they come all at once: its session is for one operation at a
//! time, and whoever reads may ask for more before they have seen the last of these.

use bson::{RawDocument, RawDocumentBuf};
use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::action::Find;
use mongodb::raw_batch_cursor::RawBatchCursor;
use serde::de::DeserializeOwned;

use crate::storage::decode;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::transaction::{self, Membership};

/// See the module.
pub(super) enum Found {
    /// The database's answers as they are; no document is copied out of them.
    Streamed(Box<RawBatchCursor>),
    Gathered(Vec<RawDocumentBuf>),
}

impl Found {
    /// Starts a find.
    pub async fn start(
        collection: &Collection<RawDocumentBuf>,
        find: Find<'_, RawDocumentBuf>,
    ) -> StorageResult<Self> {
        if let Some(membership) = transaction::join(collection.name()).await {
            return Ok(Self::Gathered(gathered(membership, find).await?));
        }
        Ok(Self::Streamed(Box::new(find.batch().await?)))
    }

    /// Hands over every document, in order.
    pub async fn each(self, mut take: impl FnMut(&RawDocument) -> StorageResult<()>) -> StorageResult<()> {
        match self {
            Self::Gathered(documents) => documents.iter().try_for_each(|document| take(document)),
            Self::Streamed(mut batches) => {
                while let Some(batch) = batches.try_next().await? {
                    for document in batch.doc_slices()? {
                        let document = document?.as_document();
                        take(
                            document
                                .ok_or_else(|| StorageError::Corrupt("an answer without documents".into()))?,
                        )?;
                    }
                }
                Ok(())
            }
        }
    }

    /// All documents; refused when they are more than an answer may hold.
    pub async fn all(self) -> StorageResult<Vec<RawDocumentBuf>> {
        if let Self::Gathered(documents) = self {
            return Ok(documents);
        }
        let (mut documents, mut bytes) = (Vec::new(), 0);
        self.each(|document| {
            bytes += document.as_bytes().len();
            documents.push(document.to_owned());
            decode::check_size(bytes)
        })
        .await?;
        Ok(documents)
    }
}

async fn gathered(
    mut membership: Membership,
    find: Find<'_, RawDocumentBuf>,
) -> StorageResult<Vec<RawDocumentBuf>> {
    let started = find.session(&mut *membership.session).await;
    let mut cursor = membership.note(started)?;
    let (mut documents, mut bytes) = (Vec::new(), 0);
    loop {
        let next = cursor.next(&mut membership.session).await.transpose();
        let Some(document) = membership.note(next)? else {
            return Ok(documents);
        };
        bytes += document.as_bytes().len();
        decode::check_size(bytes)?;
        documents.push(document);
    }
}

/// All documents of a find, in the transaction of this task if there is one; refused when they are more than an answer
/// may hold.
pub(super) async fn all<T>(collection: &Collection<T>, find: Find<'_, T>) -> StorageResult<Vec<T>>
where
    T: DeserializeOwned + Unpin + Send + Sync,
{
    let (mut documents, mut bytes) = (Vec::new(), 0);
    let Some(mut membership) = transaction::join(collection.name()).await else {
        let mut cursor = find.await?;
        while cursor.advance().await? {
            bytes += cursor.current().as_bytes().len();
            decode::check_size(bytes)?;
            documents.push(cursor.deserialize_current()?);
        }
        return Ok(documents);
    };
    let started = find.session(&mut *membership.session).await;
    let mut cursor = membership.note(started)?;
    loop {
        let advanced = cursor.advance(&mut membership.session).await;
        if !membership.note(advanced)? {
            return Ok(documents);
        }
        bytes += cursor.current().as_bytes().len();
        decode::check_size(bytes)?;
        documents.push(cursor.deserialize_current()?);
    }
}
