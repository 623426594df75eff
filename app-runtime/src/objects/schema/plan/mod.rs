//! What a request to `/schemas` would change about a class, pure (reference section 10.3).
//!
//! `manage` reads the body into a [`Plan`] against the class as it is, and carries it out. A plan that exists is valid:
//! everything that can be refused has been, before anything is touched.

mod fields;
pub(super) mod indexes;
mod permissions;

use serde_json::{Map, Value};

use crate::objects::schema::model::{ClassSchema, FieldOptions};
use crate::objects::schema::permissions::ClassPermissions;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::FieldType;

pub use fields::invalid_class_name;

/// Steps that turn one class into another.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// Fields to remove, with the type they have.
    pub removed: Vec<(String, FieldType)>,
    /// Fields that are new.
    pub added: Vec<(String, FieldType, FieldOptions)>,
    /// Fields that stay but whose rules change.
    pub changed: Vec<(String, FieldOptions)>,
    /// `Some`: the permissions are replaced, by none if that is what was sent.
    pub permissions: Option<Option<ClassPermissions>>,
    pub dropped_indexes: Vec<String>,
    /// Name and keys.
    pub created_indexes: Vec<(String, Map<String, Value>)>,
    /// The class afterwards.
    pub result: ClassSchema,
}

/// What the rules about a class depend on besides the class.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// `allowCustomObjectId`: any text may be the id of a user.
    pub custom_ids: bool,
}

/// Reads `{fields, classLevelPermissions, indexes}` as changes to `class`.
pub fn read(class: &ClassSchema, body: &Map<String, Value>, rules: Rules) -> ParseResult<Plan> {
    let mut plan = Plan {
        removed: Vec::new(),
        added: Vec::new(),
        changed: Vec::new(),
        permissions: None,
        dropped_indexes: Vec::new(),
        created_indexes: Vec::new(),
        result: class.clone(),
    };
    if let Some(fields) = object(body, "fields")? {
        fields::read(class, fields, &mut plan)?;
    }
    match body.get("classLevelPermissions") {
        None => {}
        Some(Value::Null) => plan.permissions = Some(None),
        Some(Value::Object(sent)) => {
            permissions::check(sent, &plan.result, rules)?;
            plan.permissions = Some(Some(ClassPermissions::new(sent.clone())));
        }
        Some(_) => return Err(invalid("classLevelPermissions must be an object")),
    }
    if let Some(permissions) = &plan.permissions {
        plan.result.permissions.clone_from(permissions);
    }
    if let Some(sent) = object(body, "indexes")? {
        indexes::read(sent, &mut plan)?;
    }
    Ok(plan)
}

fn object<'b>(body: &'b Map<String, Value>, name: &str) -> ParseResult<Option<&'b Map<String, Value>>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(invalid(&format!("{name} must be an object"))),
    }
}

fn is_delete(change: &Map<String, Value>) -> bool {
    change.get("__op").and_then(Value::as_str) == Some("Delete")
}

fn invalid(message: &str) -> ParseError {
    ParseError::new(code::INVALID_JSON, message)
}

#[cfg(test)]
mod tests;
