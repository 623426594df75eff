//! `_Idempotency`: requests that have been seen. MongoDB removes the rows by itself.

use bson::{DateTime, doc};

use crate::protocol::dates::Millis;
use crate::storage::Storage;
use crate::storage::error::{StorageError, StorageResult};

impl Storage {
    /// Remembers a request id until `expire`, under the object id `row`; `false` if it is remembered already. A row that has
    /// expired and not been removed yet counts no more.
    pub async fn remember_request(
        &self,
        row: &str,
        id: &str,
        now: Millis,
        expire: Millis,
    ) -> StorageResult<bool> {
        let at = DateTime::from_millis(now);
        let rows = self.documents("_Idempotency");
        rows.delete_one(doc! { "reqId": id, "expire": { "$lte": at } })
            .await?;
        let row = doc! {
            "_id": row, "reqId": id, "expire": DateTime::from_millis(expire), "_created_at": at, "_updated_at": at,
        };
        match rows.insert_one(row).await.map_err(StorageError::from) {
            Ok(_) => Ok(true),
            Err(StorageError::Duplicate(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
