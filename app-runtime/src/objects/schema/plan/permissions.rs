//! Which class-level permissions may be set (reference sections 5.2 to 5.4), with Parse Server's messages.

use serde_json::{Map, Value};

use crate::objects::schema::defaults;
use crate::objects::schema::model::ClassSchema;
use crate::objects::schema::plan::{Rules, invalid};
use crate::protocol::error::ParseResult;
use crate::protocol::types::FieldType;

const OPERATIONS: &[&str] = &["find", "count", "get", "create", "update", "delete", "addField"];

/// Refuses with 107 what is no permission, or names a field that `class` does not have.
pub(super) fn check(sent: &Map<String, Value>, class: &ClassSchema, rules: Rules) -> ParseResult<()> {
    sent.iter().try_for_each(|(key, value)| match key.as_str() {
        "readUserFields" | "writeUserFields" => check_user_fields(key, value, class),
        "protectedFields" => check_protected(object(key, value)?, class, rules),
        "ACL" => check_default_acl(object(key, value)?, rules),
        operation if OPERATIONS.contains(&operation) => {
            check_operation(operation, object(key, value)?, class, rules)
        }
        _ => Err(invalid(&format!(
            "{key} is not a valid operation for class level permissions"
        ))),
    })
}

fn object<'v>(key: &str, value: &'v Value) -> ParseResult<&'v Map<String, Value>> {
    value.as_object().ok_or_else(|| {
        invalid(&format!(
            "'{}' is not a valid value for class level permissions {key} - must be an object",
            shown(value)
        ))
    })
}

fn check_user_fields(key: &str, value: &Value, class: &ClassSchema) -> ParseResult<()> {
    let fields = value.as_array().ok_or_else(|| {
        invalid(&format!(
            "'{}' is not a valid value for class level permissions {key} - must be an array",
            shown(value)
        ))
    })?;
    fields
        .iter()
        .try_for_each(|field| check_user_field(key, field, class))
}

/// A field that grants rights leads to users: a pointer, or an array that holds such pointers.
fn check_user_field(key: &str, field: &Value, class: &ClassSchema) -> ParseResult<()> {
    let kind = field.as_str().and_then(|name| class.field(name));
    let leads_to_users = match kind {
        Some(FieldType::Array) => true,
        Some(FieldType::Pointer(target)) => target == "_User",
        _ => false,
    };
    if leads_to_users {
        return Ok(());
    }
    Err(invalid(&format!(
        "'{}' is not a valid column for class level pointer permissions {key}",
        shown(field)
    )))
}

fn check_protected(groups: &Map<String, Value>, class: &ClassSchema, rules: Rules) -> ParseResult<()> {
    for (group, fields) in groups {
        let known = group.starts_with("userField:") || group == "authenticated" || is_who(group, rules);
        check_key(group, known)?;
        let fields = fields.as_array().ok_or_else(|| {
            invalid(&format!(
                "'{}' is not a valid value for protectedFields[{group}] - expected an array.",
                shown(fields)
            ))
        })?;
        for field in fields {
            let name = field.as_str().unwrap_or_default();
            if defaults::COMMON.contains(&name) {
                return Err(invalid(&format!("Default field '{name}' can not be protected")));
            }
            if class.field(name).is_none() {
                return Err(invalid(&format!(
                    "Field '{}' in protectedFields:{group} does not exist",
                    shown(field)
                )));
            }
        }
    }
    Ok(())
}

fn check_default_acl(acl: &Map<String, Value>, rules: Rules) -> ParseResult<()> {
    for (who, rights) in acl {
        check_key(who, is_who(who, rules))?;
        let bad_value = |value: &Value| {
            invalid(&format!(
                "'{}' is not a valid value for class level permissions acl",
                shown(value)
            ))
        };
        let rights = rights.as_object().ok_or_else(|| bad_value(rights))?;
        for (right, granted) in rights {
            if right != "read" && right != "write" {
                return Err(invalid(&format!(
                    "'{right}' is not a valid key for class level permissions acl"
                )));
            }
            if !granted.is_boolean() {
                return Err(bad_value(granted));
            }
        }
    }
    Ok(())
}

fn check_operation(
    operation: &str,
    grants: &Map<String, Value>,
    class: &ClassSchema,
    rules: Rules,
) -> ParseResult<()> {
    for (who, granted) in grants {
        if who == "pointerFields" {
            let fields = granted.as_array().ok_or_else(|| {
                invalid(&format!(
                    "'{}' is not a valid value for {operation}[{who}] - expected an array.",
                    shown(granted)
                ))
            })?;
            fields
                .iter()
                .try_for_each(|field| check_user_field(operation, field, class))?;
            continue;
        }
        check_key(who, who == "requiresAuthentication" || is_who(who, rules))?;
        if *granted != Value::Bool(true) {
            return Err(invalid(&format!(
                "'{}' is not a valid value for class level permissions acl {operation}:{who}",
                shown(granted)
            )));
        }
    }
    Ok(())
}

/// `*`, `role:Name`, or what may be the id of a user.
fn is_who(name: &str, rules: Rules) -> bool {
    let is_id =
        !name.is_empty() && (rules.custom_ids || name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    name == "*" || name.starts_with("role:") || is_id
}

fn check_key(key: &str, valid: bool) -> ParseResult<()> {
    if valid {
        return Ok(());
    }
    Err(invalid(&format!(
        "'{key}' is not a valid key for class level permissions"
    )))
}

/// A value inside a message.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
