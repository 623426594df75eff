//! Creates, reads by id and updates, coalesced: an unordered `insertMany` per class, a `find {_id: {$in}}` per class and
//! caller, and for updates what [`updates`](super::updates) says.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bson::{Bson, Document, RawDocumentBuf, doc};
use futures_util::{StreamExt, stream};
use mongodb::Database;
use mongodb::error::{Error, ErrorKind};
use tokio::runtime::Handle;

use crate::storage::decode::check_size;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::found::Found;
use crate::storage::lanes::{Bounds, Lanes, Work};
use crate::storage::updates::{self, Outcome, Update, UpdateLane};

/// Reads go together when they are of one collection and see the same rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReadLane {
    pub collection: String,
    /// Names of the caller in ACLs; `None`: bound by no ACL.
    pub acl_group: Option<Arc<[String]>>,
}

/// The documents with the ids that were asked for, in no order; those that are not there or not for the caller left out.
pub type Documents = Vec<Arc<RawDocumentBuf>>;

type Creates = Lanes<String, RawDocumentBuf, StorageResult<()>>;
type Reads = Lanes<ReadLane, Vec<String>, StorageResult<Documents>>;

/// Commands of one lane that run at the same time. Updates have one, so that they do not meet their own kind.
const SLOTS: usize = 2;

/// Bytes of one command; the database takes documents of 16 MB, and a command is one.
const COMMAND: usize = 12 << 20;

/// Ids of one command.
const IDS: usize = 512;

/// The lanes of creates and reads.
pub struct Coalescer {
    creates: Creates,
    reads: Reads,
}

/// The lanes of updates.
pub struct Updates(Lanes<UpdateLane, Update, Outcome>);

impl Coalescer {
    /// Lanes to `database`, driven on the runtime of the caller.
    pub fn new(database: &Database) -> Self {
        let (for_creates, for_reads) = (database.clone(), database.clone());
        let create: Work<String, RawDocumentBuf, StorageResult<()>> =
            Arc::new(move |collection, documents| {
                let database = for_creates.clone();
                Box::pin(async move { insert_all(&database, &collection, documents).await })
            });
        let read: Work<ReadLane, Vec<String>, StorageResult<Documents>> = Arc::new(move |lane, wanted| {
            let database = for_reads.clone();
            Box::pin(async move { read_all(&database, &lane, wanted).await })
        });
        let creating = Bounds {
            slots: SLOTS,
            weigh: |document: &RawDocumentBuf| document.as_bytes().len(),
            capacity: COMMAND,
        };
        let reading = Bounds {
            slots: SLOTS,
            weigh: Vec::len,
            capacity: IDS,
        };
        Self {
            creates: Lanes::new(Handle::current(), creating, create),
            reads: Lanes::new(Handle::current(), reading, read),
        }
    }

    /// Stores one document; answered when the majority has written it.
    pub async fn create(&self, collection: String, document: RawDocumentBuf) -> StorageResult<()> {
        self.creates
            .submit(collection, document)
            .await
            .unwrap_or_else(|| Err(lost()))
    }

    /// The documents with these ids that the caller may see.
    pub async fn read(&self, lane: ReadLane, ids: Vec<String>) -> StorageResult<Documents> {
        self.reads.submit(lane, ids).await.unwrap_or_else(|| Err(lost()))
    }
}

impl Updates {
    /// Lanes to `database`, driven on the runtime of the caller.
    pub fn new(database: &Database) -> Self {
        let database = database.clone();
        let update: Work<UpdateLane, Update, Outcome> = Arc::new(move |lane, items| {
            let database = database.clone();
            Box::pin(async move { updates::make(&database, &lane, items).await })
        });
        let updating = Bounds {
            slots: 1,
            weigh: Update::weight,
            capacity: COMMAND,
        };
        Self(Lanes::new(Handle::current(), updating, update))
    }

    /// Makes one update; answered when the majority has written it.
    pub async fn make(&self, lane: UpdateLane, update: Update) -> Outcome {
        self.0.submit(lane, update).await.unwrap_or_else(|| Err(lost()))
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
    wanted: Vec<Vec<String>>,
) -> Vec<StorageResult<Documents>> {
    let result = find_by_ids(database, lane, wanted.iter().flatten()).await;
    if let (Err(StorageError::TooLarge), 2..) = (&result, wanted.len()) {
        // Each may well be small enough by itself.
        let alone = |ids: Vec<String>| async move {
            let found = find_by_ids(database, lane, ids.iter()).await?;
            Ok(of(&ids, &found))
        };
        return stream::iter(wanted).then(alone).collect().await;
    }
    wanted
        .iter()
        .map(|ids| {
            result
                .as_ref()
                .map(|found| of(ids, found))
                .map_err(StorageError::clone)
        })
        .collect()
}

type ById = HashMap<String, Arc<RawDocumentBuf>>;

fn of(ids: &[String], found: &ById) -> Documents {
    ids.iter().filter_map(|id| found.get(id)).cloned().collect()
}

async fn find_by_ids(
    database: &Database,
    lane: &ReadLane,
    ids: impl Iterator<Item = &String>,
) -> StorageResult<ById> {
    let ids: HashSet<&String> = ids.collect();
    let mut filter = match (ids.len(), ids.iter().next()) {
        (1, Some(only)) => doc! { "_id": only },
        _ => doc! { "_id": { "$in": ids.iter().map(Bson::from).collect::<Vec<_>>() } },
    };
    restrict(&mut filter, "_rperm", lane.acl_group.as_deref());
    let collection = database.collection::<RawDocumentBuf>(&lane.collection);
    let size = u32::try_from(ids.len()).unwrap_or(u32::MAX).saturating_add(1);
    let (mut found, mut bytes) = (HashMap::with_capacity(ids.len()), 0);
    Found::Streamed(Box::new(collection.find(filter).batch_size(size).batch().await?))
        .each(|document| {
            if let Ok(id) = document.get_str("_id") {
                found.insert(id.to_owned(), Arc::new(document.to_owned()));
            }
            bytes += document.as_bytes().len();
            check_size(bytes)
        })
        .await?;
    Ok(found)
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
