//! Changes to classes: their rows in `_SCHEMA`, their indexes, and what becomes of the stored objects.

use bson::{Bson, Document, doc};
use mongodb::IndexModel;
use mongodb::options::IndexOptions;
use serde_json::{Map, Value};

use crate::objects::schema::{ClassPermissions, ClassSchema, FieldOptions};
use crate::protocol::types::FieldType;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::schema::{COLLECTION, write_options};
use crate::storage::{Storage, encode, filter, plain};

/// MongoDB's answer to dropping an index, or an index of a collection, that is not there.
const NOTHING_TO_DROP: &[i32] = &[26, 27];

impl Storage {
    /// Replaces what is said about a field beside its type.
    pub async fn set_field_options(
        &self,
        class: &str,
        field: &str,
        options: &FieldOptions,
    ) -> StorageResult<()> {
        let path = format!("_metadata.fields_options.{field}");
        let change = if options.is_empty() {
            doc! { "$unset": { path: "" } }
        } else {
            doc! { "$set": { path: write_options(options) } }
        };
        self.change_row(class, change).await
    }

    /// Removes fields from all objects and from the class; the rows of relations go with them.
    pub async fn remove_fields(
        &self,
        class: &ClassSchema,
        fields: &[(String, FieldType)],
    ) -> StorageResult<()> {
        if fields.is_empty() {
            return Ok(());
        }
        let columns: Vec<String> = fields
            .iter()
            .map(|(name, _)| filter::column(class, name))
            .collect();
        let holding: Vec<Document> = columns
            .iter()
            .map(|column| doc! { column: { "$exists": true } })
            .collect();
        let unset: Document = columns
            .into_iter()
            .map(|column| (column, Bson::from("")))
            .collect();
        self.documents(&class.name)
            .update_many(doc! { "$or": holding }, doc! { "$unset": unset })
            .await?;
        let names = fields.iter().flat_map(|(name, _)| {
            [
                (name.clone(), Bson::from("")),
                (format!("_metadata.fields_options.{name}"), Bson::from("")),
            ]
        });
        self.change_row(&class.name, doc! { "$unset": names.collect::<Document>() })
            .await?;
        for (name, kind) in fields {
            if matches!(kind, FieldType::Relation(_)) {
                self.documents(&class.join_collection(name)).drop().await?;
            }
        }
        Ok(())
    }

    /// Replaces the permissions of a class; `None`: it has none.
    pub async fn set_permissions(
        &self,
        class: &str,
        permissions: Option<&ClassPermissions>,
    ) -> StorageResult<()> {
        let path = "_metadata.class_permissions";
        let change = match permissions {
            Some(permissions) => doc! { "$set": { path: plain::map(permissions.as_map()) } },
            None => doc! { "$unset": { path: "" } },
        };
        self.change_row(class, change).await
    }

    /// Writes down which indexes a class has.
    pub async fn set_indexes(&self, class: &str, indexes: &Map<String, Value>) -> StorageResult<()> {
        self.change_row(
            class,
            doc! { "$set": { "_metadata.indexes": plain::map(indexes) } },
        )
        .await
    }

    async fn change_row(&self, class: &str, change: Document) -> StorageResult<()> {
        self.documents(COLLECTION)
            .update_one(doc! { "_id": class }, change)
            .await?;
        Ok(())
    }

    /// Drops and makes indexes of a class. Keys are fields of the class.
    pub async fn change_indexes(
        &self,
        class: &ClassSchema,
        dropped: &[String],
        created: &[(String, Map<String, Value>)],
    ) -> StorageResult<()> {
        let collection = self.documents(&class.name);
        for name in dropped {
            match collection.drop_index(name).await.map_err(StorageError::from) {
                Err(StorageError::Refused { code, .. }) if NOTHING_TO_DROP.contains(&code) => {}
                outcome => outcome?,
            }
        }
        if created.is_empty() {
            return Ok(());
        }
        let models = created.iter().map(|(name, keys)| {
            let keys: Document = keys
                .iter()
                .map(|(field, kind)| (filter::column(class, field), encode::nested(kind.clone())))
                .collect();
            let options = IndexOptions::builder().name(name.clone()).build();
            IndexModel::builder().keys(keys).options(options).build()
        });
        collection.create_indexes(models.collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Number of all objects of a class, whoever may see them.
    pub async fn count_all(&self, class: &str) -> StorageResult<u64> {
        Ok(self.documents(class).count_documents(doc! {}).await?)
    }

    /// Drops a class with the rows of its relations.
    pub async fn drop_class(&self, class: &ClassSchema) -> StorageResult<()> {
        self.documents(&class.name).drop().await?;
        self.documents(COLLECTION)
            .delete_one(doc! { "_id": &class.name })
            .await?;
        for (field, _) in class.relations() {
            self.documents(&class.join_collection(field)).drop().await?;
        }
        // Without the indexes that keep names unique nobody may sign up again.
        self.prepare().await
    }

    /// Deletes all objects of a class.
    pub async fn purge(&self, class: &str) -> StorageResult<()> {
        self.documents(class).delete_many(doc! {}).await?;
        Ok(())
    }
}
