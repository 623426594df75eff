//! File names of collections: percent-encoded as mongodump does it, so that `_Join:users:_Role` is a file anywhere.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha1::{Digest, Sha1};

/// What stays as it is: Go's `url.PathEscape`, less the colon that Windows refuses.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'=')
    .remove(b'@');

/// File systems allow 255 bytes; the longest ending of ours is `.metadata.json.gz.part`.
const LONGEST_STEM: usize = 255 - 22;
/// A longer name is cut here and gets a digest, whose full name is in the metadata.
const CUT: usize = 200;

/// The files of one collection in a database's folder.
#[derive(Debug, Clone)]
pub(super) struct Names {
    folder: PathBuf,
    stem: String,
}

impl Names {
    pub(super) fn new(folder: &Path, collection: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            stem: stem(collection),
        }
    }

    /// The documents.
    pub(super) fn data(&self, gzip: bool) -> PathBuf {
        self.path("bson", gzip)
    }

    /// The options and indexes.
    pub(super) fn metadata(&self, gzip: bool) -> PathBuf {
        self.path("metadata.json", gzip)
    }

    fn path(&self, ending: &str, gzip: bool) -> PathBuf {
        let gz = if gzip { ".gz" } else { "" };
        self.folder.join(format!("{}.{ending}{gz}", self.stem))
    }
}

fn stem(collection: &str) -> String {
    let escaped = utf8_percent_encode(collection, ESCAPED).to_string();
    if escaped.len() <= LONGEST_STEM {
        return escaped;
    }
    let digest = URL_SAFE_NO_PAD.encode(Sha1::digest(collection));
    format!("{}%24{digest}", &escaped[..CUT])
}

/// The collection a file name stands for, unless its name was too long and is in the metadata.
pub(super) fn collection(stem: &str) -> String {
    percent_decode_str(stem).decode_utf8_lossy().into_owned()
}

/// Whether a name is the database's own business; such collections are neither written nor read.
pub(super) fn is_system(collection: &str) -> bool {
    collection.starts_with("system.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_file_system() {
        for name in [
            "_User",
            "_Join:users:_Role",
            "fs.files",
            "a/b",
            "50% $x",
            "Äpfel",
            "../etc",
        ] {
            let stem = stem(name);
            assert!(stem.is_ascii() && !stem.contains(['/', ':']), "{stem}");
            assert_eq!(collection(&stem), name);
        }
        assert_eq!(stem("_Join:users:_Role"), "_Join%3Ausers%3A_Role");
    }

    #[test]
    fn a_name_too_long_for_a_file_is_cut_and_stays_distinct() {
        let (one, two) = ("ä".repeat(120), format!("{}x", "ä".repeat(119)));
        assert!(stem(&one).len() <= LONGEST_STEM);
        assert_ne!(stem(&one), stem(&two));
    }
}
