//! Rows of `_Installation` that stand for the same device. Everything a filter is made of here is text.

use bson::{Bson, DateTime, Document, doc};

use crate::protocol::dates::Millis;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::transaction::within;
use crate::storage::{Storage, coalesce, found};

const COLLECTION: &str = "_Installation";

/// What deduplication needs to know of an installation.
#[derive(Debug, Clone, PartialEq)]
pub struct InstallationRow {
    pub id: String,
    pub installation_id: Option<String>,
    pub device_token: Option<String>,
    pub device_type: Option<String>,
}

/// Other installations that have the device token which one of them is about to have alone.
#[derive(Debug, Clone, Copy)]
pub struct Rivals<'a> {
    pub device_token: &'a str,
    /// The installation that keeps the token.
    pub keep: &'a str,
    /// Only rivals of this app on the device.
    pub app_identifier: Option<&'a str>,
}

/// What happens to rows that give way.
#[derive(Debug, Clone, Copy)]
pub enum Removal {
    Delete,
    /// The shared field is taken from them.
    Clear {
        field: &'static str,
        at: Millis,
    },
}

impl Storage {
    /// Installations with this object id, installation id or device token.
    pub async fn installations_like(
        &self,
        id: Option<&str>,
        installation_id: Option<&str>,
        device_token: Option<&str>,
    ) -> StorageResult<Vec<InstallationRow>> {
        let columns = [
            ("_id", id),
            ("installationId", installation_id),
            ("deviceToken", device_token),
        ];
        let any: Vec<Document> = columns
            .into_iter()
            .filter_map(|(column, value)| value.map(|value| doc! { column: value }))
            .collect();
        if any.is_empty() {
            return Ok(Vec::new());
        }
        let shown = doc! { "installationId": 1, "deviceToken": 1, "deviceType": 1 };
        let installations = self.documents(COLLECTION);
        let find = installations.find(doc! { "$or": any }).projection(shown);
        let rows: Vec<Document> = found::all(&installations, find).await?;
        rows.iter().map(read).collect()
    }

    /// Removes the token's other installations, as far as `acl_group` may write them.
    pub async fn remove_rivals(
        &self,
        rivals: &Rivals<'_>,
        removal: Removal,
        acl_group: Option<&[String]>,
    ) -> StorageResult<()> {
        let mut filter =
            doc! { "deviceToken": rivals.device_token, "installationId": { "$ne": rivals.keep } };
        if let Some(app) = rivals.app_identifier {
            filter.insert("appIdentifier", app);
        }
        self.remove_installations(filter, removal, acl_group).await
    }

    /// Removes one installation, if `acl_group` may write it.
    pub async fn remove_installation(
        &self,
        id: &str,
        removal: Removal,
        acl_group: Option<&[String]>,
    ) -> StorageResult<()> {
        self.remove_installations(doc! { "_id": id }, removal, acl_group)
            .await
    }

    async fn remove_installations(
        &self,
        mut filter: Document,
        removal: Removal,
        acl_group: Option<&[String]>,
    ) -> StorageResult<()> {
        coalesce::restrict(&mut filter, "_wperm", acl_group);
        let rows = self.documents(COLLECTION);
        match removal {
            Removal::Delete => {
                within!(rows, rows.delete_many(filter))?;
            }
            Removal::Clear { field, at } => {
                let at = DateTime::from_millis(at);
                let change = doc! { "$unset": { field: "" }, "$set": { "_updated_at": at } };
                within!(rows, rows.update_many(filter, change))?;
            }
        }
        Ok(())
    }
}

fn read(row: &Document) -> StorageResult<InstallationRow> {
    let text = |column: &str| row.get(column).and_then(Bson::as_str).map(str::to_owned);
    Ok(InstallationRow {
        id: text("_id").ok_or_else(|| StorageError::Corrupt("an installation without a text id".into()))?,
        installation_id: text("installationId"),
        device_token: text("deviceToken"),
        device_type: text("deviceType"),
    })
}
