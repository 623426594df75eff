//! `<collection>.metadata.json`: options and indexes in canonical extended JSON, so that every type comes back.

use bson::{Bson, Document, doc};
use serde_json::{Value, json};

/// `type` of a collection whose documents are computed and not stored.
pub(super) const VIEW: &str = "view";
/// `type` of ordinary collections, and of those in dumps that are too old to say.
pub(super) const COLLECTION: &str = "collection";

/// What a collection is, apart from its documents.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Metadata {
    pub(super) options: Document,
    pub(super) indexes: Vec<Document>,
    /// Thirty-two hexadecimal digits; informative only.
    pub(super) uuid: Option<String>,
    pub(super) collection: Option<String>,
    pub(super) kind: String,
}

impl Metadata {
    /// Of a collection as `listCollections` shows it; the indexes are `listIndexes`' own.
    pub(super) fn of(listed: &Document, indexes: Vec<Document>) -> Self {
        let uuid = match listed.get_document("info").map(|info| info.get("uuid")) {
            Ok(Some(Bson::Binary(uuid))) => Some(hex::encode(&uuid.bytes)),
            _ => None,
        };
        Self {
            options: listed.get_document("options").cloned().unwrap_or_default(),
            indexes,
            uuid,
            collection: listed.get_str("name").ok().map(str::to_owned),
            kind: listed.get_str("type").unwrap_or(COLLECTION).to_owned(),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let indexes = self.indexes.iter().cloned().map(Bson::Document).collect();
        json!({
            "options": Bson::Document(self.options.clone()).into_canonical_extjson(),
            "indexes": Bson::Array(indexes).into_canonical_extjson(),
            "uuid": self.uuid.as_deref().unwrap_or_default(),
            "collectionName": self.collection,
            "type": self.kind,
        })
    }

    /// Canonical and relaxed forms, and those of tools that wrote fewer keys. The text says what is wrong.
    pub(super) fn of_json(json: &[u8]) -> Result<Self, String> {
        // Old tools leave the file of a collection without metadata empty.
        if json.iter().all(u8::is_ascii_whitespace) {
            return Self::of_json(b"{}");
        }
        let value: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let mut document = match Bson::try_from(value) {
            Ok(Bson::Document(document)) => document,
            Ok(_) => return Err("it is not an object".into()),
            Err(error) => return Err(error.to_string()),
        };
        let options = match document.remove("options") {
            Some(Bson::Document(options)) => options,
            None | Some(Bson::Null) => Document::new(),
            Some(_) => return Err("`options` is not an object".into()),
        };
        let mut text = |key| match document.remove(key) {
            Some(Bson::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let (uuid, collection, kind) = (text("uuid"), text("collectionName"), text("type"));
        Ok(Self {
            options,
            indexes: indexes(document.remove("indexes"))?,
            uuid,
            collection,
            kind: kind.unwrap_or_else(|| COLLECTION.into()),
        })
    }

    /// Whether the collection forgets its oldest documents.
    pub(super) fn is_capped(&self) -> bool {
        self.options.get_bool("capped").unwrap_or_default()
    }

    /// The options as `create` takes them: without those that only old servers knew.
    pub(super) fn creation_options(&self) -> Document {
        creatable(self.options.clone())
    }

    /// The indexes as `createIndexes` takes them: without those a collection has from its beginning.
    pub(super) fn secondary_indexes(&self) -> Vec<Document> {
        let made_with_collection = |index: &Document| {
            index.contains_key("clustered")
                || index
                    .get_document("key")
                    .is_ok_and(|key| key.len() == 1 && key.contains_key("_id") && !is_special(key))
        };
        let mut indexes = self.indexes.clone();
        indexes.retain(|index| !made_with_collection(index));
        for index in &mut indexes {
            // The namespace at the time of the dump; newer servers refuse it.
            index.remove("ns");
        }
        indexes
    }
}

/// An index of `_id` other than the usual: hashed, for example.
fn is_special(key: &Document) -> bool {
    matches!(key.get("_id"), Some(Bson::String(_)))
}

pub(super) fn creatable(mut options: Document) -> Document {
    for outdated in ["autoIndexId", "flags", "temp", "uuid"] {
        options.remove(outdated);
    }
    options
}

fn indexes(listed: Option<Bson>) -> Result<Vec<Document>, String> {
    let listed = match listed {
        Some(Bson::Array(listed)) => listed,
        None | Some(Bson::Null) => Vec::new(),
        Some(_) => return Err("`indexes` is not an array".into()),
    };
    let document = |index| match index {
        Bson::Document(index) => Ok(index),
        _ => Err("an entry of `indexes` is not an object".to_owned()),
    };
    listed.into_iter().map(document).collect()
}

/// The command that makes these indexes. Options that only old servers knew (`dropDups`) are passed over.
pub(super) fn create_indexes(collection: &str, indexes: Vec<Document>) -> Document {
    doc! { "createIndexes": collection, "indexes": indexes, "ignoreUnknownIndexOptions": true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_back_from_json() {
        let metadata = Metadata {
            options: doc! { "capped": true, "size": 4096_i64, "max": 7.5 },
            indexes: vec![doc! { "v": 2, "key": { "b": -1, "a": 1.0 }, "name": "b_-1_a_1" }],
            uuid: Some("00".repeat(16)),
            collection: Some("_Join:users:_Role".into()),
            kind: COLLECTION.into(),
        };
        let json = metadata.to_json().to_string();
        assert!(
            json.contains(r#"{"b":{"$numberInt":"-1"},"a":{"$numberDouble":"1.0"}}"#),
            "{json}"
        );
        assert_eq!(Metadata::of_json(json.as_bytes()), Ok(metadata));
    }

    #[test]
    fn metadata_of_old_tools_is_understood() {
        let json =
            br#"{"options":{"autoIndexId":true},"indexes":[{"v":1,"key":{"_id":1},"name":"_id_","ns":"p.A"},
            {"v":1,"key":{"a":1},"name":"a_1","ns":"p.A"}]}"#;
        let metadata = Metadata::of_json(json).unwrap();
        assert_eq!(metadata.creation_options(), Document::new());
        assert_eq!(
            metadata.secondary_indexes(),
            [doc! { "v": 1, "key": { "a": 1 }, "name": "a_1" }]
        );
        assert_eq!(metadata.kind, COLLECTION);
        assert!(Metadata::of_json(b"").unwrap().indexes.is_empty());
    }

    #[test]
    fn what_is_not_metadata_is_refused() {
        for json in [
            "[]",
            "{",
            r#"{"options":1}"#,
            r#"{"indexes":{}}"#,
            r#"{"indexes":[1]}"#,
        ] {
            assert!(Metadata::of_json(json.as_bytes()).is_err(), "{json}");
        }
    }
}
