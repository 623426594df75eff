//! `_GlobalConfig`: the one document of the app's config.

use bson::{Document, doc};
use serde_json::{Map, Value};

use crate::storage::error::StorageResult;
use crate::storage::{Storage, decode, plain};

const COLLECTION: &str = "_GlobalConfig";

/// The config as it is stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredConfig {
    pub params: Map<String, Value>,
    /// Names and whether only the master key reads them; `None`: nothing was ever said about it.
    pub master_key_only: Option<Map<String, Value>>,
}

/// A change to one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigChange {
    pub name: String,
    /// `None`: it is removed.
    pub value: Option<Value>,
    pub master_key_only: bool,
}

impl Storage {
    /// The config; `None` if it was never set.
    pub async fn config(&self) -> StorageResult<Option<StoredConfig>> {
        let Some(row) = self.raw(COLLECTION).find_one(doc! { "_id": 1 }).await? else {
            return Ok(None);
        };
        let read = |key: &str| -> StorageResult<Option<Map<String, Value>>> {
            let value = row.get(key)?.map(decode::nested_value).transpose()?;
            Ok(value.and_then(|value| value.as_object().cloned()))
        };
        Ok(Some(StoredConfig {
            params: read("params")?.unwrap_or_default(),
            master_key_only: read("masterKeyOnly")?,
        }))
    }

    /// Applies changes; everything else stays. Names must be free of dots and dollars.
    pub async fn change_config(&self, changes: &[ConfigChange]) -> StorageResult<()> {
        let (mut set, mut unset) = (Document::new(), Document::new());
        for change in changes {
            let path = format!("params.{}", change.name);
            match &change.value {
                Some(value) => set.insert(path, plain::value(value)),
                None => unset.insert(path, ""),
            };
            set.insert(format!("masterKeyOnly.{}", change.name), change.master_key_only);
        }
        let mut update = Document::new();
        for (operator, part) in [("$set", set), ("$unset", unset)] {
            if !part.is_empty() {
                update.insert(operator, part);
            }
        }
        if !update.is_empty() {
            self.documents(COLLECTION)
                .update_one(doc! { "_id": 1 }, update)
                .upsert(true)
                .await?;
        }
        Ok(())
    }
}
