//! Who has which identity at a provider: the columns `_auth_data_<provider>` of `_User`, and proofs that were used.

use std::collections::BTreeMap;

use bson::{Bson, DateTime, Document, RawDocument, doc};
use futures_util::TryStreamExt;
use serde_json::{Map, Value};

use crate::protocol::dates::Millis;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::{Storage, decode, encode};

const COLUMN: &str = "_auth_data_";

/// A user with one of the identities that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityOwner {
    pub id: String,
    /// An empty ACL, set with the master key, locks a user out.
    pub locked_out: bool,
}

impl Storage {
    /// The users who have one of these identities (provider and id there); two are enough to know.
    pub async fn identity_owners(&self, identities: &[(&str, &str)]) -> StorageResult<Vec<IdentityOwner>> {
        if identities.is_empty() {
            return Ok(Vec::new());
        }
        let any: Vec<Document> = identities
            .iter()
            .map(|(provider, id)| doc! { format!("{COLUMN}{provider}.id"): *id })
            .collect();
        let rows = self
            .documents("_User")
            .find(doc! { "$or": any })
            .projection(doc! { "_rperm": 1, "_wperm": 1 })
            .limit(2)
            .await?;
        let rows: Vec<Document> = rows.try_collect().await?;
        rows.iter().map(owner).collect()
    }

    /// What all providers left with a user, by provider.
    pub async fn auth_data_of(&self, user: &str) -> StorageResult<BTreeMap<String, Value>> {
        match self.raw("_User").find_one(doc! { "_id": user }).await? {
            Some(row) => auth_data(&row),
            None => Ok(BTreeMap::new()),
        }
    }

    /// Replaces what these providers left with a user; `None` takes it away.
    pub async fn set_auth_data(
        &self,
        user: &str,
        data: &[(&str, Option<&Map<String, Value>>)],
    ) -> StorageResult<()> {
        let (mut set, mut unset) = (Document::new(), Document::new());
        for (provider, data) in data {
            let column = format!("{COLUMN}{provider}");
            match data {
                Some(data) => set.insert(column, encode::nested(Value::Object((*data).clone()))),
                None => unset.insert(column, ""),
            };
        }
        let statement: Document = [("$set", set), ("$unset", unset)]
            .into_iter()
            .filter(|(_, part)| !part.is_empty())
            .map(|(name, part)| (name.to_owned(), Bson::from(part)))
            .collect();
        if !statement.is_empty() {
            self.documents("_User")
                .update_one(doc! { "_id": user }, statement)
                .await?;
        }
        Ok(())
    }

    /// Marks a proof as used; `false` if it has been before, here or at another replica. It is remembered until then
    /// in `_Idempotency`, whose rows MongoDB removes by itself.
    pub async fn use_once(&self, key: &str, until: Millis) -> StorageResult<bool> {
        let row = doc! { "_id": key, "reqId": key, "expire": DateTime::from_millis(until) };
        match self
            .documents("_Idempotency")
            .insert_one(row)
            .await
            .map_err(StorageError::from)
        {
            Ok(_) => Ok(true),
            Err(StorageError::Duplicate(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn owner(row: &Document) -> StorageResult<IdentityOwner> {
    let is_empty = |column: &str| row.get_array(column).is_ok_and(Vec::is_empty);
    Ok(IdentityOwner {
        id: row
            .get_str("_id")
            .map_err(|error| StorageError::Corrupt(error.to_string()))?
            .to_owned(),
        locked_out: is_empty("_rperm") && is_empty("_wperm"),
    })
}

fn auth_data(row: &RawDocument) -> StorageResult<BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    for element in row {
        let (column, value) = element?;
        if let Some(provider) = column.as_str().strip_prefix(COLUMN) {
            found.insert(provider.to_owned(), decode::nested_value(value)?);
        }
    }
    Ok(found)
}
