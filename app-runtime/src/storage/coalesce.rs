//! Creates, reads by id and updates, coalesced: an unordered `insertMany` per class, a `find {_id: {$in}}` per class and
//! caller, and for updates what [`updates`](super::updates) says.

use std::collections::HashMap;
use std::sync::Arc;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::error::{Error, ErrorKind};
use tokio::runtime::Handle;

use crate::storage::error::{StorageError, StorageResult};
use crate::storage::lanes::{Lanes, Work};
use crate::storage::updates::{self, Outcome, Update, UpdateLane};

/// Reads go together when they are of one collection and see the same rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReadLane {
    pub collection: String,
    /// Names of the caller in ACLs; `None`: bound by no ACL.
    pub acl_group: Option<Arc<[String]>>,
}

type Creates = Lanes<String, RawDocumentBuf, StorageResult<()>>;
type Reads = Lanes<ReadLane, String, StorageResult<Option<Arc<RawDocumentBuf>>>>;

type Updates = Lanes<UpdateLane, Update, Outcome>;

/// Commands of one lane that run at the same time. Updates have one, so that they do not meet their own kind.
const SLOTS: usize = 2;

/// The lanes of one app.
pub struct Coalescer {
    creates: Creates,
    reads: Reads,
    updates: Updates,
}

impl Coalescer {
    /// Lanes to `database`, driven on the runtime of the caller.
    pub fn new(database: &Database) -> Self {
        let (for_creates, for_reads, for_updates) = (database.clone(), database.clone(), database.clone());
        let create: Work<String, RawDocumentBuf, StorageResult<()>> =
            Arc::new(move |collection, documents| {
                let database = for_creates.clone();
                Box::pin(async move { insert_all(&database, &collection, documents).await })
            });
        let read: Work<ReadLane, String, StorageResult<Option<Arc<RawDocumentBuf>>>> =
            Arc::new(move |lane, ids| {
                let database = for_reads.clone();
                Box::pin(async move { read_all(&database, &lane, ids).await })
            });
        let update: Work<UpdateLane, Update, Outcome> = Arc::new(move |lane, items| {
            let database = for_updates.clone();
            Box::pin(async move { updates::make(&database, &lane, items).await })
        });
        Self {
            creates: Lanes::new(Handle::current(), SLOTS, create),
            reads: Lanes::new(Handle::current(), SLOTS, read),
            updates: Lanes::new(Handle::current(), 1, update),
        }
    }

    /// Stores one document; answered when the majority has written it.
    pub async fn create(&self, collection: String, document: RawDocumentBuf) -> StorageResult<()> {
        self.creates
            .submit(collection, document)
            .await
            .unwrap_or_else(|| Err(lost()))
    }

    /// The document with this id, if the caller may see it.
    pub async fn read(&self, lane: ReadLane, id: String) -> StorageResult<Option<Arc<RawDocumentBuf>>> {
        self.reads.submit(lane, id).await.unwrap_or_else(|| Err(lost()))
    }

    /// Makes one update; answered when the majority has written it.
    pub async fn update(&self, lane: UpdateLane, update: Update) -> Outcome {
        self.updates
            .submit(lane, update)
            .await
            .unwrap_or_else(|| Err(lost()))
    }
}

/// The task that did the work ended without an answer, as at shutdown.
fn lost() -> StorageError {
    StorageError::Interrupted
}

async fn insert_all(
    database: &Database,
    collection: &str,
    documents: Vec<RawDocumentBuf>,
) -> Vec<StorageResult<()>> {
    let count = documents.len();
    let collection = database.collection::<RawDocumentBuf>(collection);
    let result = match documents.as_slice() {
        [only] => collection.insert_one(only).await.map(drop),
        several => collection.insert_many(several).ordered(false).await.map(drop),
    };
    match result {
        Ok(()) => (0..count).map(|_| Ok(())).collect(),
        Err(error) => each_their_own(&error, count),
    }
}

/// Which document failed and which did not. A failed command fails all that were in it.
fn each_their_own(error: &Error, count: usize) -> Vec<StorageResult<()>> {
    if let ErrorKind::InsertMany(many) = error.kind.as_ref()
        && many.write_concern_error.is_none()
        && let Some(failures) = &many.write_errors
    {
        let mut results: Vec<StorageResult<()>> = (0..count).map(|_| Ok(())).collect();
        for failure in failures {
            if let Some(result) = results.get_mut(failure.index) {
                *result = Err(StorageError::of_write(failure.code, &failure.message));
            }
        }
        return results;
    }
    (0..count)
        .map(|_| Err(StorageError::from(error.clone())))
        .collect()
}

async fn read_all(
    database: &Database,
    lane: &ReadLane,
    ids: Vec<String>,
) -> Vec<StorageResult<Option<Arc<RawDocumentBuf>>>> {
    match find_by_ids(database, lane, &ids).await {
        Ok(found) => ids.iter().map(|id| Ok(found.get(id).cloned())).collect(),
        Err(error) => ids
            .iter()
            .map(|_| Err(StorageError::from(error.clone())))
            .collect(),
    }
}

async fn find_by_ids(
    database: &Database,
    lane: &ReadLane,
    ids: &[String],
) -> Result<HashMap<String, Arc<RawDocumentBuf>>, Error> {
    let mut filter = match ids {
        [only] => doc! { "_id": only },
        several => doc! { "_id": { "$in": several.to_vec() } },
    };
    restrict(&mut filter, "_rperm", lane.acl_group.as_deref());
    let collection = database.collection::<RawDocumentBuf>(&lane.collection);
    let size = u32::try_from(ids.len()).unwrap_or(u32::MAX).saturating_add(1);
    let documents: Vec<RawDocumentBuf> = collection
        .find(filter)
        .batch_size(size)
        .await?
        .try_collect()
        .await?;
    let with_id =
        |document: RawDocumentBuf| Some((document.get_str("_id").ok()?.to_owned(), Arc::new(document)));
    Ok(documents.into_iter().filter_map(with_id).collect())
}

/// Adds Parse Server's rule for readers or writers to a filter: the row admits one of the group, or everybody.
pub(super) fn restrict(filter: &mut Document, permission: &str, group: Option<&[String]>) {
    if let Some(group) = group {
        let admitted: Vec<Bson> = std::iter::once(Bson::Null)
            .chain(group.iter().map(Bson::from))
            .collect();
        filter.insert(permission, doc! { "$in": admitted });
    }
}
