//! Classes defined in the settings (`schema.definitions`), brought into the database at start.
//!
//! Missing classes, fields and indexes are made, changed permissions and field rules replaced. Fields that the
//! definitions do not name, or name with another type, stay as they are unless the settings say otherwise.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::schema::model::ClassSchema;
use crate::objects::schema::permissions::ClassPermissions;
use crate::objects::schema::{defaults, manage};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::FieldType;

/// Indexes that are the runtime's own.
const OWN_INDEXES: &[&str] = &[
    "_id_",
    "case_insensitive_username",
    "case_insensitive_email",
    "username_1",
    "email_1",
    "name_1",
    "reqId_1",
];

/// Makes the classes what the settings say. Idempotent.
pub async fn apply(app: &AppState) -> ParseResult<()> {
    let Some(settings) = &app.settings.schema else {
        return Ok(());
    };
    let mut defined = Vec::new();
    for definition in &settings.definitions {
        let class = definition
            .get("className")
            .and_then(Value::as_str)
            .unwrap_or_default();
        define(app, class, definition).await.map_err(|error| {
            let message = format!("schema.definitions, class {class}: {}", error.message);
            ParseError::new(error.code.unwrap_or(code::INVALID_JSON), message)
        })?;
        defined.push(class);
    }
    for other in app.schemas.all() {
        if defined.contains(&other.name.as_str()) {
            continue;
        }
        if settings.strict && !names::is_system(&other.name) {
            tracing::warn!(class = other.name, "this class is not among schema.definitions");
        }
        close_to_new_fields(app, &other).await?;
    }
    Ok(())
}

/// A class that is not defined keeps its permissions, but for the one to extend it.
async fn close_to_new_fields(app: &AppState, class: &ClassSchema) -> ParseResult<()> {
    let shown = manage::show(app, class);
    let Value::Object(closed) = closed_to_new_fields(shown.get("classLevelPermissions")) else {
        return Ok(());
    };
    let closed = ClassPermissions::new(closed);
    if class.permissions.as_ref() != Some(&closed) {
        app.storage.set_permissions(&class.name, Some(&closed)).await?;
        app.schemas.reload().await?;
    }
    Ok(())
}

async fn define(app: &AppState, class: &str, definition: &Map<String, Value>) -> ParseResult<()> {
    app.schemas.reload().await?;
    let permissions = closed_to_new_fields(definition.get("classLevelPermissions"));
    let fields = own_entries(definition, "fields", |name| !defaults::is_column(class, name));
    let indexes = own_entries(definition, "indexes", |name| !OWN_INDEXES.contains(&name));
    match app.schemas.get(class) {
        None => {
            let body = json!({ "fields": fields, "indexes": indexes, "classLevelPermissions": permissions });
            manage::create(app, class, body.as_object().unwrap_or(&Map::new()))
                .await
                .map(drop)
        }
        Some(known) => {
            let removed = fields_to_remove(app, &known, &fields);
            if !removed.is_empty() {
                change(app, class, json!({ "fields": removed })).await?;
            }
            let dropped = indexes_to_drop(app, &known, &indexes);
            if !dropped.is_empty() {
                change(app, class, json!({ "indexes": dropped })).await?;
            }
            complete(app, class, fields, indexes, permissions).await
        }
    }
}

/// Adds what the class still lacks.
async fn complete(
    app: &AppState,
    class: &str,
    mut fields: Map<String, Value>,
    mut indexes: Map<String, Value>,
    permissions: Value,
) -> ParseResult<()> {
    let Some(known) = app.schemas.get(class) else {
        return Ok(());
    };
    fields.retain(|name, field| known.field(name).is_none_or(|kind| is_type(kind, field)));
    indexes.retain(|name, _| !known.indexes.contains_key(name));
    let body = json!({ "fields": fields, "indexes": indexes, "classLevelPermissions": permissions });
    change(app, class, body).await
}

async fn change(app: &AppState, class: &str, body: Value) -> ParseResult<()> {
    manage::update(app, class, body.as_object().unwrap_or(&Map::new()))
        .await
        .map(drop)
}

fn fields_to_remove(app: &AppState, known: &ClassSchema, fields: &Map<String, Value>) -> Map<String, Value> {
    let Some(settings) = &app.settings.schema else {
        return Map::new();
    };
    let mut removed = Map::new();
    for (name, kind) in &known.fields {
        if defaults::is_column(&known.name, name) {
            continue;
        }
        let (remove, why) = match fields.get(name) {
            None => (settings.delete_extra_fields, "is not among schema.definitions"),
            Some(field) if is_type(kind, field) => continue,
            Some(_) => (
                settings.recreate_modified_fields,
                "has another type in schema.definitions",
            ),
        };
        if remove {
            removed.insert(name.clone(), json!({ "__op": "Delete" }));
        } else if settings.strict {
            tracing::warn!(class = known.name, field = name, "this field {why}");
        }
    }
    removed
}

/// Indexes the definitions do not name, and those they name with other keys.
fn indexes_to_drop(app: &AppState, known: &ClassSchema, indexes: &Map<String, Value>) -> Map<String, Value> {
    let keep_unknown = app
        .settings
        .schema
        .as_ref()
        .is_some_and(|settings| settings.keep_unknown_indexes);
    let stale = |name: &String, keys: &Value| match indexes.get(name) {
        None => !keep_unknown && !OWN_INDEXES.contains(&name.as_str()),
        Some(wanted) => wanted != keys,
    };
    known
        .indexes
        .iter()
        .filter(|(name, keys)| stale(name, keys))
        .map(|(name, _)| (name.clone(), json!({ "__op": "Delete" })))
        .collect()
}

fn is_type(kind: &FieldType, field: &Value) -> bool {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    text("type") == Some(kind.name()) && text("targetClass") == kind.target()
}

fn own_entries(definition: &Map<String, Value>, key: &str, own: impl Fn(&str) -> bool) -> Map<String, Value> {
    let entries = definition.get(key).and_then(Value::as_object);
    entries
        .into_iter()
        .flatten()
        .filter(|(name, _)| own(name))
        .map(|(name, entry)| (name.clone(), entry.clone()))
        .collect()
}

/// Where classes are defined in one place, writes do not extend them.
fn closed_to_new_fields(permissions: Option<&Value>) -> Value {
    let mut permissions = permissions
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    permissions.insert("addField".into(), json!({}));
    Value::Object(permissions)
}
