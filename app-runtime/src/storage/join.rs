//! The rows of relation fields: `_Join:<field>:<Class>` with `{owningId, relatedId}`.

use bson::{Document, doc};

use crate::storage::error::StorageResult;
use crate::storage::transaction::within;
use crate::storage::{Storage, found};

impl Storage {
    /// Makes each of `related` a member of `owner`'s relation. Members stay single.
    pub async fn relate(&self, collection: &str, owner: &str, related: &[String]) -> StorageResult<()> {
        if related.is_empty() {
            return Ok(());
        }
        self.create_join_indexes(collection).await?;
        let rows = self.documents(collection);
        for id in related {
            let row = doc! { "owningId": owner, "relatedId": id };
            let insert = rows
                .update_one(row.clone(), doc! { "$setOnInsert": row })
                .upsert(true);
            within!(rows, insert)?;
        }
        Ok(())
    }

    /// Takes each of `related` out of `owner`'s relation.
    pub async fn unrelate(&self, collection: &str, owner: &str, related: &[String]) -> StorageResult<()> {
        if !related.is_empty() {
            let rows = doc! { "owningId": owner, "relatedId": { "$in": related.to_vec() } };
            let collection = self.documents(collection);
            within!(collection, collection.delete_many(rows))?;
        }
        Ok(())
    }

    /// Members of `owner`'s relation.
    pub async fn related_ids(&self, collection: &str, owner: &str) -> StorageResult<Vec<String>> {
        self.join_column(collection, doc! { "owningId": owner }, "relatedId")
            .await
    }

    /// Objects whose relation holds one of `related`.
    pub async fn owning_ids(&self, collection: &str, related: &[String]) -> StorageResult<Vec<String>> {
        self.join_column(
            collection,
            doc! { "relatedId": { "$in": related.to_vec() } },
            "owningId",
        )
        .await
    }

    async fn join_column(
        &self,
        collection: &str,
        filter: Document,
        column: &str,
    ) -> StorageResult<Vec<String>> {
        let collection = self.documents(collection);
        let mut find = collection.find(filter).projection(doc! { column: 1 });
        if let Some(limit) = self.query_timeout {
            find = find.max_time(limit);
        }
        let rows: Vec<Document> = found::all(&collection, find).await?;
        Ok(rows
            .iter()
            .filter_map(|row| row.get_str(column).ok())
            .map(str::to_owned)
            .collect())
    }
}
