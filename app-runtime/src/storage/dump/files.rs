//! Files of GridFS on their way into an object store, once the collections are restored.
//!
//! Promises: no file is in memory as a whole; a file leaves GridFS only when the store has all of it, so that a move that
//! was stopped anywhere goes on when it is repeated. Of several revisions of a name the newest is moved, which is the one a
//! Parse Server answers with, and the older ones go with it.
//!
//! Source of the collections: <https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md>.

use std::io;

use bson::{Bson, Document, doc};
use futures_util::{AsyncReadExt, TryStreamExt};
use mongodb::error::{Error, ErrorKind, GridFsErrorKind};
use mongodb::gridfs::{GridFsBucket, GridFsDownloadStream};
use mongodb::{Collection, Database};
use object_store::buffered::BufWriter;
use tokio::io::AsyncWriteExt;

use super::error::DumpError;
use super::progress::Progress;
use super::store::{FileStore, Object};

const FILES: &str = "fs.files";
const CHUNKS: &str = "fs.chunks";
const ANY_TYPE: &str = "application/octet-stream";
/// Much at once: the driver shifts all it has read ahead at every read.
const READ: usize = 8 << 20;
/// A store that refused so many files one after the other refuses the rest, too.
const MOST_REFUSALS: usize = 3;

/// What became of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Those the store has now.
    pub files: u64,
    /// Of these, those an earlier move had brought.
    pub present: u64,
    /// Older revisions, removed.
    pub superseded: u64,
    /// Those that stay in GridFS.
    pub left: u64,
}

/// Why a file stays in GridFS.
enum Stays {
    /// For a reason of its own.
    File(String),
    /// The store refused it.
    Store(String),
}

/// Moves every file of the database.
pub(super) async fn move_all(database: &Database, store: &FileStore) -> Result<Moved, DumpError> {
    let mover = Mover {
        files: database.collection(FILES),
        bucket: database.gridfs_bucket(None),
        store,
    };
    let mut moved = Moved::default();
    let mut progress = Progress::of("files", "moving", "files");
    let mut refusals = 0;
    let mut file = mover.newest_before(None).await?;
    if file.is_some() {
        index(database).await?;
    }
    while let Some(newest) = file {
        let name = newest.get_str("filename").unwrap_or_default();
        match mover.send(&newest, name, &mut progress).await {
            Ok(present) => {
                moved.superseded += mover.remove(&newest, name).await?;
                moved.files += 1;
                moved.present += u64::from(present);
                refusals = 0;
            }
            Err(Stays::File(reason)) => moved.left += stays(name, &reason),
            Err(Stays::Store(reason)) => {
                moved.left += stays(name, &reason);
                refusals += 1;
                if refusals == MOST_REFUSALS {
                    return Err(DumpError::files(
                        store.url(),
                        format!("{reason}. The rest stays in GridFS, and repeating the restore goes on"),
                    ));
                }
            }
        }
        file = mover.newest_before(Some(name)).await?;
    }
    moved.left += mover.nameless().await?;
    progress.finish("moved");
    Ok(moved)
}

/// Quoted, because a name is its user's text. Always one file.
fn stays(name: &str, reason: &str) -> u64 {
    eprintln!("{name:?}: stays in GridFS: {reason}");
    1
}

/// GridFS's own indexes, which drivers make at the first upload and a dump may lack: without them each file reads all.
async fn index(database: &Database) -> Result<(), DumpError> {
    for (collection, key) in [
        (FILES, doc! { "filename": 1, "uploadDate": 1 }),
        (CHUNKS, doc! { "files_id": 1, "n": 1 }),
    ] {
        let name = key
            .iter()
            .map(|(field, _)| format!("{field}_1"))
            .collect::<Vec<_>>()
            .join("_");
        let index = doc! { "key": key, "name": name, "unique": collection == CHUNKS };
        let command = doc! { "createIndexes": collection, "indexes": [index] };
        // It only makes things faster: fine when it is there with other options, or cannot be because of the data.
        if let Err(error) = database.run_command(command).await
            && !matches!(*error.kind, ErrorKind::Command(_))
        {
            return Err(DumpError::of(collection)(error));
        }
    }
    Ok(())
}

struct Mover<'a> {
    files: Collection<Document>,
    bucket: GridFsBucket,
    store: &'a FileStore,
}

impl Mover<'_> {
    /// The newest revision of the last name before this one. Asked file by file: a cursor would not outlive large files.
    async fn newest_before(&self, name: Option<&str>) -> Result<Option<Document>, DumpError> {
        let filter = match name {
            Some(name) => doc! { "filename": { "$lt": name } },
            None => doc! { "filename": { "$type": "string" } },
        };
        // Backwards along the index, which has the names ascending and the newest revision last.
        let order = doc! { "filename": -1, "uploadDate": -1 };
        let found = self.files.find_one(filter).sort(order).await;
        found.map_err(DumpError::of(FILES))
    }

    /// Whether the store had it already.
    async fn send(&self, file: &Document, name: &str, progress: &mut Progress) -> Result<bool, Stays> {
        let object = Object {
            place: self.store.place(name).map_err(Stays::File)?,
            length: length(file).map_err(Stays::File)?,
            content_type: content_type(file).to_owned(),
            mark: mark(file),
        };
        if self.store.has(&object).await {
            progress.add(1, 0);
            return Ok(true);
        }
        let mut upload = self.store.upload(&object);
        if let Err(stays) = self.copy(file, &object, &mut upload, progress).await {
            // The reason is told already; parts that remain are the store's to clean up.
            let _ = upload.abort().await;
            return Err(stays);
        }
        upload
            .shutdown()
            .await
            .map_err(|error| Stays::Store(error.to_string()))?;
        progress.add(1, 0);
        Ok(false)
    }

    async fn copy(
        &self,
        file: &Document,
        object: &Object,
        upload: &mut BufWriter,
        progress: &mut Progress,
    ) -> Result<(), Stays> {
        let opened = self.bucket.open_download_stream(id(file)).await;
        let mut download: GridFsDownloadStream = opened.map_err(|error| Stays::File(error.to_string()))?;
        let most = usize::try_from(object.length).unwrap_or(READ).clamp(1, READ);
        let mut buffer = vec![0; most];
        let mut copied = 0;
        loop {
            let count = download
                .read(&mut buffer)
                .await
                .map_err(|error| Stays::File(unreadable(error, file)))?;
            if count == 0 {
                break;
            }
            upload
                .write_all(&buffer[..count])
                .await
                .map_err(|error| Stays::Store(error.to_string()))?;
            copied += count as u64;
            progress.add(0, count);
        }
        if copied != object.length {
            return Err(Stays::File(format!(
                "it has {copied} bytes in place of {}",
                object.length
            )));
        }
        Ok(())
    }

    /// Removes a file that the store has; says how many older revisions went with it.
    async fn remove(&self, newest: &Document, name: &str) -> Result<u64, DumpError> {
        let older = doc! { "filename": name, "_id": { "$ne": id(newest) } };
        let found = self.files.find(older).projection(doc! { "_id": 1 }).await;
        let found: Vec<Document> = found
            .map_err(DumpError::of(FILES))?
            .try_collect()
            .await
            .map_err(DumpError::of(FILES))?;
        // The newest last: as long as it is there, a repeated move cannot take an older one for it.
        for file in found.iter().chain([newest]) {
            self.bucket.delete(id(file)).await.map_err(DumpError::of(FILES))?;
        }
        Ok(found.len() as u64)
    }

    /// Says which files have no name and stay for it.
    async fn nameless(&self) -> Result<u64, DumpError> {
        let filter = doc! { "filename": { "$not": { "$type": "string" } } };
        let mut found = self
            .files
            .find(filter)
            .projection(doc! { "_id": 1 })
            .await
            .map_err(DumpError::of(FILES))?;
        let mut count = 0;
        while let Some(file) = found.try_next().await.map_err(DumpError::of(FILES))? {
            count += stays(&id(&file).to_string(), "this file has no name");
        }
        Ok(count)
    }
}

fn id(file: &Document) -> Bson {
    file.get("_id").cloned().unwrap_or(Bson::Null)
}

/// The length in bytes, of a file the driver can read: it divides by the chunks' size and counts them in 32 bits.
fn length(file: &Document) -> Result<u64, String> {
    let length = whole(file, "length")?;
    let chunk = whole(file, "chunkSize")?;
    if chunk == 0 || length / chunk >= u64::from(u32::MAX) {
        return Err(format!("its chunkSize cannot be {chunk}"));
    }
    Ok(length)
}

fn whole(file: &Document, field: &str) -> Result<u64, String> {
    let number = match file.get(field) {
        Some(Bson::Int32(number)) => u64::try_from(*number).ok(),
        Some(Bson::Int64(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    number.ok_or_else(|| format!("its {field} is not a whole number"))
}

/// What a Parse Server or another writer noted, as far as a header can say it.
fn content_type(file: &Document) -> &str {
    let noted = file
        .get_document("metadata")
        .and_then(|metadata| metadata.get_str("contentType"));
    noted
        .ok()
        .filter(|noted| !noted.is_empty() && noted.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
        .unwrap_or(ANY_TYPE)
}

/// Ids of other types may be given twice, so they say nothing about the contents.
fn mark(file: &Document) -> Option<String> {
    let id = file.get_object_id("_id").ok()?;
    let at = file.get_datetime("uploadDate").ok()?.timestamp_millis();
    Some(format!("{}-{at}", id.to_hex()))
}

/// A failed read in words.
fn unreadable(error: io::Error, file: &Document) -> String {
    let error = match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => return error.to_string(),
    };
    let chunks = match (whole(file, "length"), whole(file, "chunkSize")) {
        (Ok(length), Ok(size)) if size > 0 => length.div_ceil(size),
        _ => 0,
    };
    match *error.kind {
        ErrorKind::GridFs(GridFsErrorKind::MissingChunk { n, .. }) if u64::from(n) < chunks => {
            format!("its chunk {n} of {chunks} is missing")
        }
        ErrorKind::GridFs(GridFsErrorKind::MissingChunk { .. }) => {
            format!("it has more than its {chunks} chunks")
        }
        ErrorKind::GridFs(GridFsErrorKind::WrongSizeChunk {
            actual_size,
            expected_size,
            n,
            ..
        }) => format!("its chunk {n} of {chunks} has {actual_size} bytes in place of {expected_size}"),
        _ => error.to_string(),
    }
}
