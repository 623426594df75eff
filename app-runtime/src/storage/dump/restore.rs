//! The restore: look at all files, make the collections, insert the documents, build the indexes.

use std::path::Path;

use bson::{Document, doc};
use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::error::{Error, ErrorKind};

use super::error::DumpError;
use super::files::Moved;
use super::folder::Entry;
use super::insert::{Batch, Counts};
use super::metadata::{self, Metadata};
use super::progress::Progress;
use super::read::Documents;

/// MongoDB's `NamespaceExists`.
const EXISTS: i32 = 48;

/// What a restore did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    pub collections: usize,
    /// Documents written now.
    pub inserted: u64,
    /// Documents that were there already, exactly so.
    pub present: u64,
    /// Documents that were there already with other contents, which were kept.
    pub different: u64,
    /// With a store for them.
    pub files: Option<Moved>,
}

pub(super) async fn restore(database: &Database, plan: &[Entry], drop: bool) -> Result<Restored, DumpError> {
    for entry in plan {
        if let Some(path) = &entry.data {
            check(&entry.collection, path)?;
        }
    }
    let mut restored = Restored::default();
    for entry in plan {
        let counts = restore_collection(database, entry, drop).await?;
        restored.collections += 1;
        restored.inserted += counts.inserted;
        restored.present += counts.present;
        restored.different += counts.different;
    }
    Ok(restored)
}

/// Reads a file to its end, so that damage is found before a collection is dropped or half filled.
fn check(collection: &str, path: &Path) -> Result<(), DumpError> {
    let mut progress = Progress::new(collection, "checking");
    let mut documents = Documents::open(path)?;
    while let Some(found) = documents.next()? {
        progress.add(1, found.document.as_bytes().len());
    }
    Ok(())
}

async fn restore_collection(database: &Database, entry: &Entry, drop: bool) -> Result<Counts, DumpError> {
    let name = entry.collection.as_str();
    if drop {
        let dropped = database.collection::<Document>(name).drop().await;
        dropped.map_err(DumpError::of(name))?;
    }
    create(database, entry).await?;
    let mut progress = Progress::new(name, "restoring");
    let counts = match &entry.data {
        Some(path) => insert(database, name, path, &mut progress).await?,
        None => Counts::default(),
    };
    if let Some(metadata) = entry.metadata.as_ref().filter(|_| !entry.is_view()) {
        index(database, name, metadata).await?;
    }
    progress.finish(&counts.to_string());
    Ok(counts)
}

/// Before the documents, because a collation and a cap cannot be added later.
async fn create(database: &Database, entry: &Entry) -> Result<(), DumpError> {
    let name = entry.collection.as_str();
    let options = entry.metadata.as_ref().map(Metadata::creation_options);
    let mut command = doc! { "create": name };
    command.extend(options.clone().unwrap_or_default());
    match database.run_command(command).await {
        Ok(_) => Ok(()),
        Err(error) if is_exists(&error) => match options {
            Some(options) if existing_options(database, name).await? != options => {
                Err(DumpError::OtherOptions(name.to_owned()))
            }
            _ => Ok(()),
        },
        Err(error) => Err(DumpError::of(name)(error)),
    }
}

fn is_exists(error: &Error) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(command) if command.code == EXISTS)
}

async fn existing_options(database: &Database, collection: &str) -> Result<Document, DumpError> {
    let listing = doc! { "listCollections": 1, "filter": { "name": collection } };
    let mut listed = database.run_cursor_command(listing).await?;
    let options = listed
        .try_next()
        .await?
        .and_then(|found| found.get_document("options").ok().cloned());
    Ok(metadata::creatable(options.unwrap_or_default()))
}

async fn insert(
    database: &Database,
    collection: &str,
    path: &Path,
    progress: &mut Progress,
) -> Result<Counts, DumpError> {
    let target = database.collection(collection);
    let mut counts = Counts::default();
    let mut batch = Batch::default();
    let mut documents = Documents::open(path)?;
    while let Some(found) = documents.next()? {
        if !batch.has_room_for(&found) {
            counts += batch.insert(&target, progress).await?;
        }
        batch.push(found);
    }
    counts += batch.insert(&target, progress).await?;
    Ok(counts)
}

/// After the documents: sorting all keys at once is much faster than keeping an index true for every insert.
async fn index(database: &Database, collection: &str, metadata: &Metadata) -> Result<(), DumpError> {
    let indexes = metadata.secondary_indexes();
    if indexes.is_empty() {
        return Ok(());
    }
    let command = metadata::create_indexes(collection, indexes);
    database
        .run_command(command)
        .await
        .map_err(DumpError::of(collection))?;
    Ok(())
}
