//! Creating, changing and deleting classes as their owner asks for (reference section 10.3). Callers have checked that it
//! is the owner who asks.

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::objects::access;
use crate::objects::schema::model::ClassSchema;
use crate::objects::schema::plan::{self, Plan, Rules, invalid_class_name};
use crate::objects::schema::{defaults, wire};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;

/// The class as `/schemas` shows it, with the permissions in force.
pub fn show(app: &AppState, class: &ClassSchema) -> Value {
    wire::encode(class, access::permissions(app, &class.name, Some(class)))
}

/// All classes, as the database has them now.
pub async fn list(app: &AppState) -> ParseResult<Vec<Value>> {
    app.schemas.reload().await?;
    Ok(app.schemas.all().iter().map(|class| show(app, class)).collect())
}

/// One class, as the database has it now; 103 if there is none.
pub async fn get(app: &AppState, class: &str) -> ParseResult<Value> {
    app.schemas.reload().await?;
    let found = app.schemas.get(class).ok_or_else(|| missing(class))?;
    Ok(show(app, &found))
}

/// Creates a class; 103 if there is one of this name.
pub async fn create(app: &AppState, class: &str, body: &Map<String, Value>) -> ParseResult<Value> {
    app.schemas.reload().await?;
    let exists = || ParseError::new(code::INVALID_CLASS_NAME, format!("Class {class} already exists."));
    if app.schemas.get(class).is_some() {
        return Err(exists());
    }
    if !names::is_class_name(class) {
        return Err(invalid_class_name(class));
    }
    let mut fresh = ClassSchema::new(class);
    if app.settings.private_by_default && !names::is_system(class) {
        fresh.permissions = access::permissions(app, class, None).cloned();
    }
    refuse_built_in(class, body)?;
    let mut plan = plan::read(&fresh, body, rules(app))?;
    plan.result.indexes.shift_remove(plan::indexes::OF_IDS);
    app.storage
        .change_indexes(&plan.result, &plan.dropped_indexes, &plan.created_indexes)
        .await?;
    if !app.storage.create_class(&plan.result).await? {
        return Err(exists());
    }
    for (field, kind, _) in &plan.added {
        app.storage.index_new_field(class, field, kind).await?;
    }
    app.schemas.reload().await?;
    get(app, class).await
}

/// A class is born with its built-in fields; they cannot be asked for once more.
fn refuse_built_in(class: &str, body: &Map<String, Value>) -> ParseResult<()> {
    let fields = body.get("fields").and_then(Value::as_object);
    match fields
        .into_iter()
        .flatten()
        .find(|(name, _)| defaults::is_column(class, name))
    {
        Some((name, _)) => Err(ParseError::new(
            code::FIELD_CANNOT_CHANGE,
            format!("field {name} cannot be added"),
        )),
        None => Ok(()),
    }
}

/// Changes a class; 103 if there is none.
pub async fn update(app: &AppState, class: &str, body: &Map<String, Value>) -> ParseResult<Value> {
    app.schemas.reload().await?;
    let listed = |class: &str| {
        app.schemas
            .get(class)
            .filter(|_| !defaults::VOLATILE.contains(&class))
    };
    let known = listed(class).ok_or_else(|| missing(class))?;
    let plan = plan::read(&known, body, rules(app))?;
    carry_out(app, &known, &plan).await?;
    if class == "_Role" {
        app.accounts.forget_roles();
    }
    get(app, class).await
}

async fn carry_out(app: &AppState, class: &ClassSchema, plan: &Plan) -> ParseResult<()> {
    let name = class.name.as_str();
    app.storage.remove_fields(class, &plan.removed).await?;
    for (field, kind, options) in &plan.added {
        app.storage.create_field(name, field, kind).await?;
        app.storage.set_field_options(name, field, options).await?;
    }
    for (field, options) in &plan.changed {
        app.storage.set_field_options(name, field, options).await?;
    }
    if let Some(permissions) = &plan.permissions {
        app.storage.set_permissions(name, permissions.as_ref()).await?;
    }
    app.storage
        .change_indexes(&plan.result, &plan.dropped_indexes, &plan.created_indexes)
        .await?;
    if plan.result.indexes != class.indexes {
        app.storage.set_indexes(name, &plan.result.indexes).await?;
    }
    Ok(())
}

/// Deletes a class without objects; 255 if it has any. A class that does not exist is no error.
pub async fn delete(app: &AppState, class: &str) -> ParseResult<()> {
    if !names::is_class_name(class) {
        return Err(invalid_class_name(class));
    }
    app.schemas.reload().await?;
    let count = app.storage.count_all(class).await?;
    if count > 0 {
        let message = format!("Class {class} is not empty, contains {count} objects, cannot drop schema.");
        return Err(ParseError::new(code::INVALID_SCHEMA_OPERATION, message));
    }
    if let Some(known) = app.schemas.get(class) {
        app.storage.drop_class(&known).await?;
        app.schemas.reload().await?;
    }
    Ok(())
}

/// Deletes all objects of a class and keeps the class. A class that does not exist is no error.
pub async fn purge(app: &AppState, class: &str) -> ParseResult<()> {
    if app.schemas.find(class).await?.is_some() {
        app.storage.purge(class).await?;
    }
    if matches!(class, "_Session" | "_Role" | "_User") {
        app.accounts.clear();
    }
    Ok(())
}

fn rules(app: &AppState) -> Rules {
    Rules {
        custom_ids: app.settings.allow_custom_object_id,
    }
}

fn missing(class: &str) -> ParseError {
    ParseError::new(code::INVALID_CLASS_NAME, format!("Class {class} does not exist."))
}
