//! `_GraphQLConfig`: the one document of the GraphQL config.

use bson::doc;
use serde_json::{Map, Value};

use crate::storage::error::StorageResult;
use crate::storage::{Storage, decode, plain};

const COLLECTION: &str = "_GraphQLConfig";

impl Storage {
    /// The config; `None` if it was never set.
    pub async fn graphql_config(&self) -> StorageResult<Option<Map<String, Value>>> {
        let Some(row) = self.raw(COLLECTION).find_one(doc! { "_id": 1 }).await? else {
            return Ok(None);
        };
        let config = row.get("config")?.map(decode::nested_value).transpose()?;
        Ok(config.and_then(|config| config.as_object().cloned()))
    }

    /// Replaces the config.
    pub async fn set_graphql_config(&self, config: &Map<String, Value>) -> StorageResult<()> {
        let set = doc! { "$set": { "config": plain::map(config) } };
        self.documents(COLLECTION)
            .update_one(doc! { "_id": 1 }, set)
            .upsert(true)
            .await?;
        Ok(())
    }
}
