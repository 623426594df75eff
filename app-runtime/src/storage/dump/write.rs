//! The dump: collection by collection in the order of `_id`, each batch of the cursor straight to the file.

use std::path::{Path, PathBuf};

use bson::{Document, RawBsonRef, doc};
use futures_util::{StreamExt, TryStreamExt};
use mongodb::Database;
use mongodb::options::Hint;
use mongodb::raw_batch_cursor::RawBatch;

use super::Dump;
use super::error::DumpError;
use super::metadata::{COLLECTION, Metadata, VIEW};
use super::names::{self, Names};
use super::part::{self, PartFile};
use super::progress::Progress;
use super::resume::{self, Kept};
use crate::storage::StorageError;

/// What a dump wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Collections completed now; those an earlier dump completed are not counted.
    pub collections: usize,
    /// Collections an earlier dump had completed.
    pub kept: usize,
    /// In these, whenever they were written.
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
    if order.overwrite {
        part::remove_parts(&folder, &[])?;
    }
    let mut dumped = Dumped::default();
    let mut pending = Vec::new();
    for listed in list(database, prefix).await? {
        // All files are begun before the first is finished: a dump that was stopped anywhere is seen to be incomplete.
        match begin(database, &folder, &listed, order).await? {
            Some(collection) => pending.push(collection),
            None => dumped.kept += 1,
        }
    }
    let begun = pending
        .iter()
        .map(|pending| part::part_of(&pending.names.data(order.gzip)));
    part::remove_parts(&folder, &begun.collect::<Vec<_>>())?;
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
    let path = names.data(gzip);
    let data = write_documents(database, &name, path, metadata.is_capped(), &mut progress).await?;
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

/// The file with all documents in it, those that an interrupted dump left included.
async fn write_documents(
    database: &Database,
    collection: &str,
    path: PathBuf,
    is_capped: bool,
    progress: &mut Progress,
) -> Result<PartFile, DumpError> {
    let source = database.collection::<Document>(collection);
    let (mut find, mut kept) = (source.find(doc! {}), None);
    // The order of a capped collection is that of its inserts, and nothing to go on after.
    if !is_capped {
        let order = doc! { "_id": 1 };
        find = find.sort(order.clone()).hint(Hint::Keys(order));
        kept = resume::kept(&part::part_of(&path), part::is_packed(&path))?;
    }
    if let Some(kept) = &kept {
        progress.resume(kept.documents, kept.bytes);
        // A bound of the index: a condition would find ids of one type only.
        find = find.min(kept.bound()?);
    }
    let mut data = PartFile::after(path, kept.as_ref().map_or(0, |kept| kept.length))?;
    let mut batches = find.batch().await.map_err(DumpError::of(collection))?;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(DumpError::of(collection))?;
        write_batch(&batch, kept.as_ref(), &mut data, progress)?;
    }
    Ok(data)
}

fn write_batch(
    batch: &RawBatch,
    kept: Option<&Kept>,
    data: &mut PartFile,
    progress: &mut Progress,
) -> Result<(), DumpError> {
    for document in batch.doc_slices()? {
        let RawBsonRef::Document(document) = document.map_err(StorageError::from)? else {
            return Err(StorageError::Corrupt("a batch holds something other than documents".into()).into());
        };
        if kept.is_some_and(|kept| kept.ends_with(document)) {
            continue;
        }
        data.write(document.as_bytes())?;
        progress.add(1, document.as_bytes().len());
    }
    Ok(())
}
