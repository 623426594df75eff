//! What a folder of a dump holds, found out before anything is changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::DumpError;
use super::metadata::{COLLECTION, Metadata, VIEW};
use super::{names, part, read};

/// Databases of the server itself, which a dump of a whole server has beside the app's.
const OWN_DATABASES: &[&str] = &["admin", "config", "local"];
/// The writes during a dump of a whole server, which lie beside the databases' folders.
const OPLOG: &str = "oplog";

/// One collection of a dump.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) collection: String,
    /// Absent for views, and for collections of which only the options were kept.
    pub(super) data: Option<PathBuf>,
    pub(super) metadata: Option<Metadata>,
}

impl Entry {
    pub(super) fn is_view(&self) -> bool {
        self.metadata
            .as_ref()
            .is_some_and(|metadata| metadata.kind == VIEW)
    }
}

#[derive(Default)]
struct Files {
    data: Option<PathBuf>,
    metadata: Option<PathBuf>,
}

/// The collections in the order they are restored: by name, views last because they need what they look at.
pub(super) fn plan(folder: &Path) -> Result<Vec<Entry>, DumpError> {
    let mut entries = Vec::new();
    for (stem, files) in files_in(&database_folder(folder)?)? {
        let metadata = files.metadata.as_deref().map(read::metadata).transpose()?;
        let named = metadata.as_ref().and_then(|metadata| metadata.collection.clone());
        let collection = named.unwrap_or_else(|| names::collection(&stem));
        let kind = metadata.as_ref().map_or(COLLECTION, |metadata| &metadata.kind);
        if names::is_system(&collection) {
            continue;
        }
        if ![COLLECTION, VIEW].contains(&kind) {
            eprintln!("{collection}: left out, because it is a {kind} collection");
            continue;
        }
        entries.push(Entry {
            collection,
            data: files.data,
            metadata,
        });
    }
    entries.sort_by_key(Entry::is_view);
    Ok(entries)
}

/// `folder` itself when it has collections, or else the one folder in it that does.
fn database_folder(folder: &Path) -> Result<PathBuf, DumpError> {
    let files = files_in(folder)?;
    if files
        .iter()
        .any(|(stem, files)| stem != OPLOG || files.metadata.is_some())
    {
        return Ok(folder.to_owned());
    }
    if files.contains_key(OPLOG) {
        eprintln!(
            "{}: the oplog is not replayed, only the collections are read",
            folder.display()
        );
    }
    let mut found = Vec::new();
    for path in children(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let own = name.is_some_and(|name| OWN_DATABASES.contains(&name.as_str()));
        if path.is_dir() && !own && !files_in(&path)?.is_empty() {
            found.push(path);
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(DumpError::Layout(format!(
            "{} has no .bson files, nor has a folder in it: it is not a dump of mongodump",
            folder.display()
        ))),
        several => Err(DumpError::Layout(format!(
            "{} has several databases. Name the folder of one: {}",
            folder.display(),
            several
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        ))),
    }
}

fn files_in(folder: &Path) -> Result<BTreeMap<String, Files>, DumpError> {
    let mut collections: BTreeMap<String, Files> = BTreeMap::new();
    for path in children(folder)? {
        if part::is_part(&path) {
            return Err(DumpError::Unfinished { path });
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let (stem, is_data) = match (plain.strip_suffix(".bson"), plain.strip_suffix(".metadata.json")) {
            (Some(stem), _) => (stem, true),
            (None, Some(stem)) => (stem, false),
            (None, None) => continue,
        };
        let files = collections.entry(stem.to_owned()).or_default();
        let place = if is_data {
            &mut files.data
        } else {
            &mut files.metadata
        };
        if let Some(other) = place.replace(path.clone()) {
            return Err(DumpError::Layout(format!(
                "{} and {} are the same collection. Remove the older one",
                other.display(),
                path.display()
            )));
        }
    }
    Ok(collections)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, DumpError> {
    let path = |entry: std::io::Result<fs::DirEntry>| entry.map(|entry| entry.path());
    fs::read_dir(folder)
        .and_then(|entries| entries.map(path).collect())
        .map_err(DumpError::file(folder))
}
