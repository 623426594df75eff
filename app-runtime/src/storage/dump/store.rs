//! The object store that files of GridFS move into: a folder, or a bucket of S3 or of what speaks like it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::buffered::BufWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{Attribute, Attributes, ClientConfigKey, GetOptions, ObjectStore};
use url::Url;

use super::error::DumpError;
use super::part;

/// Larger files go in parts of this size, of which a few are in memory.
const PART: u64 = 8 << 20;
const PARTS_AT_ONCE: usize = 2;
/// S3's limit of parts, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const MOST_PARTS: u64 = 10_000;
/// S3's limit of a key, and what file systems allow of each name in it.
const LONGEST_KEY: usize = 1024;
const LONGEST_SEGMENT: usize = 255;
/// One part on a slow line; object_store's own thirty seconds would be two megabits a second.
const REQUEST_TIMEOUT: &str = "300 seconds";
/// Metadata of an object that says which revision of which file it is.
const MARK: &str = "gridfs-revision";

const FORMS: &str = "file:///folder or s3://bucket/prefix";

/// `file:///folder` or `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesUrl(Url);

impl FromStr for FilesUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{error}: give {FORMS}"))?;
        let more = url.query().is_some() || url.fragment().is_some();
        match url.scheme() {
            _ if more || !url.username().is_empty() || url.password().is_some() => {
                Err("only a place is given here; credentials and options come from the environment".into())
            }
            "file" if url.to_file_path().is_err() => {
                Err("the folder is absolute, with three slashes: file:///folder".into())
            }
            "s3" if url.host_str().is_none_or(str::is_empty) => {
                Err("the bucket is missing: s3://bucket/prefix".into())
            }
            "file" | "s3" => Ok(Self(url)),
            other => Err(format!("there are no stores of {other}: give {FORMS}")),
        }
    }
}

impl FilesUrl {
    fn folder(&self) -> Option<PathBuf> {
        let is_folder = self.0.scheme() == "file";
        is_folder.then(|| self.0.to_file_path().ok()).flatten()
    }
}

impl fmt::Display for FilesUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// A file as the store is to have it.
pub(super) struct Object {
    pub(super) place: ObjectPath,
    pub(super) length: u64,
    pub(super) content_type: String,
    /// Names one revision of one file and no other, if the file has such a name.
    pub(super) mark: Option<String>,
}

pub(super) struct FileStore {
    url: FilesUrl,
    store: Arc<dyn ObjectStore>,
    prefix: ObjectPath,
    /// Folders keep contents only, neither a type nor a mark.
    is_folder: bool,
}

impl FileStore {
    /// Makes the folder; of a bucket only what can be known without asking it.
    pub(super) fn open(url: &FilesUrl) -> Result<Self, DumpError> {
        let failed = |error: object_store::Error| DumpError::files(url, error);
        if let Some(folder) = url.folder() {
            part::create_folder(&folder)?;
            // The file is deleted from GridFS afterwards, so it has to be on disk.
            let store = LocalFileSystem::new_with_prefix(folder).map_err(failed)?;
            return Ok(Self {
                url: url.clone(),
                store: Arc::new(store.with_fsync(true)),
                prefix: ObjectPath::ROOT,
                is_folder: true,
            });
        }
        let timeout = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
        let store = AmazonS3Builder::from_env()
            .with_url(url.0.as_str())
            .with_config(timeout, REQUEST_TIMEOUT)
            .build()
            .map_err(failed)?;
        Ok(Self {
            url: url.clone(),
            store: Arc::new(store),
            prefix: ObjectPath::from_url_path(url.0.path()).map_err(|error| failed(error.into()))?,
            is_folder: false,
        })
    }

    pub(super) fn url(&self) -> &FilesUrl {
        &self.url
    }

    /// Where a file of this name goes, or why it cannot.
    pub(super) fn place(&self, name: &str) -> Result<ObjectPath, String> {
        place(&self.prefix, name, self.is_folder)
    }

    /// Whether an earlier move has brought exactly this. A store that cannot tell gets it again.
    pub(super) async fn has(&self, object: &Object) -> bool {
        let Some(mark) = object.mark.as_deref().filter(|_| !self.is_folder) else {
            return false;
        };
        let head = GetOptions::new().with_head(true);
        let Ok(found) = self.store.get_opts(&object.place, head).await else {
            return false;
        };
        let marked = found.attributes.get(&Attribute::Metadata(MARK.into()));
        found.meta.size == object.length && marked.is_some_and(|value| value.as_ref() == mark)
    }

    /// Nothing is to be seen of the object until the writer is shut down.
    pub(super) fn upload(&self, object: &Object) -> BufWriter {
        let part = PART.max(object.length.div_ceil(MOST_PARTS));
        let part = usize::try_from(part).unwrap_or(usize::MAX);
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), object.place.clone(), part)
            .with_max_concurrency(PARTS_AT_ONCE);
        if self.is_folder {
            return writer;
        }
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, object.content_type.clone().into());
        if let Some(mark) = &object.mark {
            attributes.insert(Attribute::Metadata(MARK.into()), mark.clone().into());
        }
        writer.with_attributes(attributes)
    }
}

fn place(prefix: &ObjectPath, name: &str, is_folder: bool) -> Result<ObjectPath, String> {
    let path = ObjectPath::parse(name).map_err(|_| "no object can have this name".to_owned())?;
    // Slashes at the ends would be cut off, and the name would be that of another file.
    if path.as_ref() != name || path.is_root() {
        return Err("no object can have this name".into());
    }
    let whole = match prefix.as_ref() {
        "" => path,
        prefix => ObjectPath::parse(format!("{prefix}/{name}")).map_err(|error| error.to_string())?,
    };
    let long = name.split('/').any(|segment| segment.len() > LONGEST_SEGMENT);
    if long || whole.as_ref().len() > LONGEST_KEY {
        return Err("its name is too long for an object".into());
    }
    // The folder's own names for files that are not complete.
    let ending = name.split_once('#').map(|(_, ending)| ending);
    if is_folder
        && ending.is_some_and(|ending| !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err("a folder keeps names that end in # and digits for itself".into());
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_folder_or_a_bucket() {
        for fine in ["file:///files", "s3://bucket", "s3://bucket/a/b/"] {
            assert!(fine.parse::<FilesUrl>().is_ok(), "{fine}");
        }
        for wrong in [
            "files",
            "/files",
            "file://files/x",
            "s3:///x",
            "ftp://host/x",
            "s3://key:secret@bucket",
            "s3://bucket?region=x",
        ] {
            assert!(wrong.parse::<FilesUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_become_objects_below_the_prefix_or_are_refused() {
        let prefix = ObjectPath::parse("app/files").unwrap();
        for name in ["a.txt", "photos/ä b.png", "50%41 #x?*", "…/..x"] {
            let place = place(&prefix, name, true).unwrap();
            assert_eq!(place.as_ref(), format!("app/files/{name}"));
        }
        let long = "x".repeat(256);
        let deep = "x/".repeat(600) + "x";
        for name in [
            "", "/", "/a", "a/", "a//b", ".", "../a", "a/../b", "a\nb", &long, &deep,
        ] {
            assert!(place(&prefix, name, false).is_err(), "{name:?}");
        }
        assert!(place(&prefix, "a#1", true).is_err());
        assert!(place(&prefix, "a#1", false).is_ok());
    }
}
