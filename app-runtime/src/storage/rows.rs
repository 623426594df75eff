//! Found objects that the rules look into before they are shown: the way of queries that include, or feed others.

use std::sync::Arc;

use bson::RawDocumentBuf;
use serde_json::Value;

use crate::objects::schema::ClassSchema;
use crate::protocol::types::Pointer;
use crate::storage::Storage;
use crate::storage::decode::{self, View};
use crate::storage::error::StorageResult;
use crate::storage::objects::{Page, Selection};
use crate::storage::transaction;

/// Objects that are asked for by their ids go together with those of other requests, if there are no more than these.
const TOGETHER: usize = 100;

/// A found object, opaque outside of `storage`.
#[derive(Debug)]
pub struct Row(Arc<RawDocumentBuf>);

impl Row {
    /// The object's id.
    pub fn id(&self) -> &str {
        self.0.get_str("_id").unwrap_or_default()
    }

    /// Its bytes as stored.
    pub fn size(&self) -> usize {
        self.0.as_bytes().len()
    }

    /// The pointers at `path`.
    pub fn pointers(&self, schema: &ClassSchema, path: &str, found: &mut Vec<Pointer>) {
        decode::collect_pointers(schema, &self.0, path, found);
    }

    /// The values at a dotted path.
    pub fn values(&self, schema: &ClassSchema, path: &str) -> StorageResult<Vec<Value>> {
        decode::collect_values(schema, &self.0, path)
    }

    /// Appends the object as JSON.
    pub fn write(&self, view: &View<'_>, out: &mut Vec<u8>) -> StorageResult<()> {
        decode::write_object(view, &self.0, out)
    }
}

impl Storage {
    /// The selected objects, with the fields that `keys` name, or all.
    pub async fn rows(
        &self,
        selection: &Selection<'_>,
        page: &Page,
        keys: Option<&[String]>,
    ) -> StorageResult<Vec<Row>> {
        if let (Some(ids), true, None) = (selection.filter.ids(), page.is_whole(), keys)
            && ids.len() <= TOGETHER
            && !transaction::is_open()
        {
            let ids = ids.into_iter().map(str::to_owned).collect();
            return Ok(self.by_ids(selection, ids).await?.into_iter().map(Row).collect());
        }
        let rows = self.start_find(selection, page, keys).await?.all().await?;
        Ok(rows.into_iter().map(|row| Row(Arc::new(row))).collect())
    }

    /// The distinct ids of the selected objects.
    pub async fn ids(&self, selection: &Selection<'_>, page: &Page) -> StorageResult<Vec<String>> {
        let rows = self.rows(selection, page, Some(&[])).await?;
        Ok(rows.iter().map(|row| row.id().to_owned()).collect())
    }
}
