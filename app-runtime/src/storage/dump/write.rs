//! The dump: collection by collection, each batch of the cursor straight to the file.

use std::path::Path;

use bson::{Document, RawBsonRef, doc};
use futures_util::{StreamExt, TryStreamExt};
use mongodb::Database;
use mongodb::raw_batch_cursor::RawBatch;

use super::Dump;
use super::error::DumpError;
use super::metadata::{COLLECTION, Metadata, VIEW};
use super::names::{self, Names};
use super::part::{self, PartFile};
use super::progress::Progress;
use crate::storage::StorageError;

/// What a dump wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Collections written now; those an earlier dump completed are not counted.
    pub collections: usize,
    /// Collections an earlier dump had completed.
    pub kept: usize,
    pub documents: u64,
    /// Before packing.
    pub bytes: u64,
}

/// A collection that is still to be written.
struct Pending {
    name: String,
    metadata: Metadata,
    names: Names,
}

pub(super) async fn dump(database: &Database, prefix: &str, order: &Dump) -> Result<Dumped, DumpError> {
    let folder = order.folder.join(database.name());
    part::create_folder(&folder)?;
    part::remove_parts(&folder)?;
    let mut dumped = Dumped::default();
    let mut pending = Vec::new();
    for listed in list(database, prefix).await? {
        // All files are begun before the first is finished: a dump that was stopped anywhere is seen to be incomplete.
        match begin(database, &folder, &listed, order).await? {
            Some(collection) => pending.push(collection),
            None => dumped.kept += 1,
        }
    }
    for collection in pending {
        let progress = write(database, collection, order.gzip).await?;
        dumped.collections += 1;
        dumped.documents += progress.documents;
        dumped.bytes += progress.bytes;
    }
    Ok(dumped)
}

/// The app's collections by name, as `listCollections` shows them.
async fn list(database: &Database, prefix: &str) -> Result<Vec<Document>, DumpError> {
    let cursor = database.run_cursor_command(doc! { "listCollections": 1 }).await?;
    let mut listed: Vec<Document> = cursor.try_collect().await?;
    let name = |listed: &Document| listed.get_str("name").unwrap_or_default().to_owned();
    listed.retain(|listed| name(listed).starts_with(prefix) && !names::is_system(&name(listed)));
    listed.retain(|listed| {
        let kind = listed.get_str("type").unwrap_or(COLLECTION);
        let known = [COLLECTION, VIEW].contains(&kind);
        if !known {
            eprintln!("{}: left out, because it is a {kind} collection", name(listed));
        }
        known
    });
    listed.sort_by_key(name);
    Ok(listed)
}

/// `None` when an earlier dump completed this collection.
async fn begin(
    database: &Database,
    folder: &Path,
    listed: &Document,
    order: &Dump,
) -> Result<Option<Pending>, DumpError> {
    let name = listed.get_str("name").unwrap_or_default();
    let names = Names::new(folder, name);
    let view = listed.get_str("type").is_ok_and(|kind| kind == VIEW);
    let done = |gzip| {
        if view {
            names.metadata(gzip)
        } else {
            names.data(gzip)
        }
    };
    if !order.overwrite && (done(false).exists() || done(true).exists()) {
        eprintln!("{name}: complete already, kept");
        return Ok(None);
    }
    let indexes = if view {
        Vec::new()
    } else {
        indexes(database, name).await?
    };
    if !view {
        part::begin(&names.data(order.gzip))?;
    }
    Ok(Some(Pending {
        metadata: Metadata::of(listed, indexes),
        name: name.to_owned(),
        names,
    }))
}

async fn indexes(database: &Database, collection: &str) -> Result<Vec<Document>, DumpError> {
    let listing = doc! { "listIndexes": collection };
    let cursor = database
        .run_cursor_command(listing)
        .await
        .map_err(DumpError::of(collection))?;
    cursor.try_collect().await.map_err(DumpError::of(collection))
}

/// The metadata gets its name before the documents do, whose name says that the collection is complete.
async fn write(database: &Database, pending: Pending, gzip: bool) -> Result<Progress, DumpError> {
    let Pending {
        name,
        metadata,
        names,
    } = pending;
    let mut progress = Progress::new(&name, "dumping");
    if metadata.kind == VIEW {
        write_metadata(&metadata, &names, gzip)?;
        eprintln!("{name}: dumped, a view");
        return Ok(progress);
    }
    let mut data = PartFile::create(names.data(gzip))?;
    write_documents(database, &name, &mut data, &mut progress).await?;
    write_metadata(&metadata, &names, gzip)?;
    data.finish()?;
    part::remove(&names.data(!gzip))?;
    progress.finish("dumped");
    Ok(progress)
}

fn write_metadata(metadata: &Metadata, names: &Names, gzip: bool) -> Result<(), DumpError> {
    let mut file = PartFile::create(names.metadata(gzip))?;
    file.write(metadata.to_json().to_string().as_bytes())?;
    file.finish()?;
    part::remove(&names.metadata(!gzip))
}

async fn write_documents(
    database: &Database,
    collection: &str,
    data: &mut PartFile,
    progress: &mut Progress,
) -> Result<(), DumpError> {
    let source = database.collection::<Document>(collection);
    let mut batches = source
        .find(doc! {})
        .batch()
        .await
        .map_err(DumpError::of(collection))?;
    while let Some(batch) = batches.next().await {
        write_batch(&batch.map_err(DumpError::of(collection))?, data, progress)?;
    }
    Ok(())
}

fn write_batch(batch: &RawBatch, data: &mut PartFile, progress: &mut Progress) -> Result<(), DumpError> {
    for document in batch.doc_slices()? {
        let RawBsonRef::Document(document) = document.map_err(StorageError::from)? else {
            return Err(StorageError::Corrupt("a batch holds something other than documents".into()).into());
        };
        data.write(document.as_bytes())?;
        progress.add(1, document.as_bytes().len());
    }
    Ok(())
}
