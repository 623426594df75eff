//! `_SCHEMA`: one document per class, in Parse Server's format.

use bson::{Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use serde_json::{Map, Value};

use crate::objects::schema::{ClassPermissions, ClassSchema, FieldOptions};
use crate::protocol::types::FieldType;
use crate::storage::error::{StorageError, StorageResult};
use crate::storage::{Storage, decode, plain};

pub(super) const COLLECTION: &str = "_SCHEMA";

impl Storage {
    /// All classes of the app.
    pub async fn load_classes(&self) -> StorageResult<Vec<ClassSchema>> {
        let rows: Vec<RawDocumentBuf> = self.raw(COLLECTION).find(doc! {}).await?.try_collect().await?;
        rows.iter().map(read_class).collect()
    }

    /// Defines a class; `false` if somebody else has defined it already.
    pub async fn create_class(&self, class: &ClassSchema) -> StorageResult<bool> {
        let row = write_class(class);
        let created = self
            .documents(COLLECTION)
            .update_one(doc! { "_id": &class.name }, doc! { "$setOnInsert": row })
            .upsert(true)
            .await;
        match created.map_err(StorageError::from) {
            Ok(result) => Ok(result.upserted_id.is_some()),
            Err(StorageError::Duplicate(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Defines a field; `false` if somebody else has defined it already, perhaps with another type.
    pub async fn create_field(&self, class: &str, name: &str, kind: &FieldType) -> StorageResult<bool> {
        let missing = doc! { "_id": class, name: { "$exists": false } };
        let result = self
            .documents(COLLECTION)
            .update_one(missing, doc! { "$set": { name: write_type(kind) } })
            .await?;
        if result.matched_count == 1 {
            self.index_new_field(class, name, kind).await?;
        }
        Ok(result.matched_count == 1)
    }

    /// Makes the index that a field of this type is born with, if there is one.
    pub async fn index_new_field(&self, class: &str, name: &str, kind: &FieldType) -> StorageResult<()> {
        match kind {
            FieldType::Polygon => self.create_polygon_index(class, name).await,
            _ => Ok(()),
        }
    }
}

fn write_class(class: &ClassSchema) -> Document {
    let mut row = doc! { "objectId": "string", "updatedAt": "date", "createdAt": "date" };
    for (name, kind) in &class.fields {
        // Parse Server keeps a user's password in a column of its own, and an ACL in none.
        let internal = *kind == FieldType::Acl || (class.name == "_User" && name == "password");
        if !internal && !row.contains_key(name) {
            row.insert(name.clone(), write_type(kind));
        }
    }
    let mut metadata = Document::new();
    if let Some(permissions) = &class.permissions {
        metadata.insert("class_permissions", plain::map(permissions.as_map()));
    }
    if !class.options.is_empty() {
        let options = class
            .options
            .iter()
            .map(|(field, options)| (field.clone(), write_options(options).into()));
        metadata.insert("fields_options", options.collect::<Document>());
    }
    if !class.indexes.is_empty() {
        metadata.insert("indexes", plain::map(&class.indexes));
    }
    if !metadata.is_empty() {
        row.insert("_metadata", metadata);
    }
    row
}

pub(super) fn write_options(options: &FieldOptions) -> Document {
    let mut stored = Document::new();
    if let Some(required) = options.required {
        stored.insert("required", required);
    }
    if let Some(value) = &options.default_value {
        stored.insert("defaultValue", plain::value(value));
    }
    stored
}

fn write_type(kind: &FieldType) -> String {
    match kind {
        FieldType::Pointer(target) => format!("*{target}"),
        FieldType::Relation(target) => format!("relation<{target}>"),
        FieldType::Acl => "acl".into(),
        other => other.name().to_ascii_lowercase(),
    }
}

fn read_type(stored: &str) -> Option<FieldType> {
    if let Some(target) = stored.strip_prefix('*') {
        return Some(FieldType::Pointer(target.into()));
    }
    if let Some(target) = stored
        .strip_prefix("relation<")
        .and_then(|rest| rest.strip_suffix('>'))
    {
        return Some(FieldType::Relation(target.into()));
    }
    Some(match stored {
        "string" => FieldType::String,
        "number" => FieldType::Number,
        "boolean" => FieldType::Boolean,
        "date" => FieldType::Date,
        "map" | "object" => FieldType::Object,
        "array" => FieldType::Array,
        "geopoint" => FieldType::GeoPoint,
        "polygon" => FieldType::Polygon,
        "file" => FieldType::File,
        "bytes" => FieldType::Bytes,
        _ => return None,
    })
}

fn read_class(row: &RawDocumentBuf) -> StorageResult<ClassSchema> {
    let name = row
        .get_str("_id")
        .map_err(|error| StorageError::Corrupt(error.to_string()))?;
    let mut class = ClassSchema::new(name);
    for element in row {
        let (field, value) = element?;
        if let Some(kind) = value
            .as_str()
            .filter(|_| field.as_str() != "_id")
            .and_then(read_type)
        {
            class.fields.insert(field.as_str().to_owned(), kind);
        }
    }
    if let Ok(metadata) = row.get_document("_metadata") {
        let read = |key: &str| -> StorageResult<Option<Map<String, Value>>> {
            let Some(stored) = metadata.get(key)? else {
                return Ok(None);
            };
            Ok(decode::nested_value(stored)?.as_object().cloned())
        };
        class.permissions = read("class_permissions")?.map(ClassPermissions::new);
        for (field, rules) in read("fields_options")?.into_iter().flatten() {
            let required = rules.get("required").and_then(Value::as_bool);
            let default_value = rules
                .get("defaultValue")
                .filter(|value| !value.is_null())
                .cloned();
            class.options.insert(
                field,
                FieldOptions {
                    required,
                    default_value,
                },
            );
        }
        class.indexes = read("indexes")?.unwrap_or_default();
    }
    Ok(class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_class_survives_the_way_to_the_database_and_back() {
        let mut class = ClassSchema::new("Task");
        class
            .fields
            .insert("owner".into(), FieldType::Pointer("_User".into()));
        class
            .fields
            .insert("likes".into(), FieldType::Relation("_User".into()));
        class.fields.insert("place".into(), FieldType::GeoPoint);
        class.permissions = Some(ClassPermissions::private());
        let due = json!({"__type": "Date", "iso": "2026-01-01T00:00:00.000Z"});
        let rules = FieldOptions {
            required: Some(false),
            default_value: Some(due),
        };
        class.options.insert("due".into(), rules);
        class.indexes = json!({"_id_": {"_id": 1}, "words": {"title": "text"}})
            .as_object()
            .cloned()
            .unwrap();
        let mut row = write_class(&class);
        assert_eq!(row.get_str("owner").unwrap(), "*_User");
        assert_eq!(row.get_str("likes").unwrap(), "relation<_User>");
        row.insert("_id", "Task");
        assert_eq!(
            read_class(&RawDocumentBuf::try_from(&row).unwrap()).unwrap(),
            class
        );
    }

    #[test]
    fn field_rules_are_read() {
        let row = doc! { "_id": "A", "n": "number", "_metadata": { "fields_options": { "n": { "required": true, "defaultValue": 3 } } } };
        let class = read_class(&RawDocumentBuf::try_from(&row).unwrap()).unwrap();
        assert_eq!(
            class.options["n"],
            FieldOptions {
                required: Some(true),
                default_value: Some(json!(3))
            }
        );
        assert_eq!(class.permissions, None);
    }
}
