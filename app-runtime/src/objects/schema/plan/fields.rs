//! Fields of a class: which may be added, changed or removed, and of which type they may be.

use serde_json::{Map, Value};

use crate::objects::schema::defaults;
use crate::objects::schema::model::{ClassSchema, FieldOptions};
use crate::objects::schema::plan::{Plan, invalid, is_delete};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::protocol::types::{self, FieldType};

/// Reads `{name: {type, targetClass?, required?, defaultValue?} | {__op: "Delete"}}` into `plan`.
pub(super) fn read(class: &ClassSchema, sent: &Map<String, Value>, plan: &mut Plan) -> ParseResult<()> {
    let mut changes = Vec::with_capacity(sent.len());
    for (name, change) in sent {
        let change = change.as_object().ok_or_else(|| invalid("invalid JSON"))?;
        check_against(class, name, change)?;
        changes.push((name, change));
    }
    for (name, change) in changes {
        if is_delete(change) {
            remove(class, name, plan)?;
        } else if class.field(name).is_some() {
            redefine(class, name, change, plan)?;
        } else {
            add(class, name, change, plan)?;
        }
    }
    check_geo_points(class, plan)
}

/// A field keeps its type for life.
fn check_against(class: &ClassSchema, name: &str, change: &Map<String, Value>) -> ParseResult<()> {
    let refuse = |message: String| Err(ParseError::new(code::INVALID_SCHEMA_OPERATION, message));
    match class.field(name) {
        None if is_delete(change) => refuse(format!("Field {name} does not exist, cannot delete.")),
        Some(kind) if !is_delete(change) && change.get("type") != Some(&kind.name().into()) => {
            refuse(format!("Field {name} exists, cannot update."))
        }
        _ => Ok(()),
    }
}

fn remove(class: &ClassSchema, name: &str, plan: &mut Plan) -> ParseResult<()> {
    if defaults::is_column(&class.name, name) {
        return Err(ParseError::new(
            code::FIELD_CANNOT_CHANGE,
            format!("field {name} cannot be changed"),
        ));
    }
    if let Some(kind) = plan.result.fields.remove(name) {
        plan.result.options.remove(name);
        plan.removed.push((name.to_owned(), kind));
    }
    Ok(())
}

/// The type is the same; what is said beside it may be new.
fn redefine(
    class: &ClassSchema,
    name: &str,
    change: &Map<String, Value>,
    plan: &mut Plan,
) -> ParseResult<()> {
    let kind = if name == "ACL" {
        FieldType::Acl
    } else {
        read_type(change)?
    };
    match class.field(name) {
        Some(known) if *known != kind => {
            let message = format!(
                "schema mismatch for {}.{name}; expected {known} but got {kind}",
                class.name
            );
            return Err(ParseError::new(code::INCORRECT_TYPE, message));
        }
        _ => {}
    }
    let options = read_options(class, name, &kind, change)?;
    if options == class.options.get(name).cloned().unwrap_or_default() {
        return Ok(());
    }
    if defaults::COMMON.contains(&name) {
        return Err(ParseError::new(
            code::FIELD_CANNOT_CHANGE,
            format!("field {name} cannot be changed"),
        ));
    }
    plan.result.options.insert(name.to_owned(), options.clone());
    plan.changed.push((name.to_owned(), options));
    Ok(())
}

fn add(class: &ClassSchema, name: &str, change: &Map<String, Value>, plan: &mut Plan) -> ParseResult<()> {
    if !names::is_field_name(name) {
        return Err(ParseError::new(
            code::INVALID_KEY_NAME,
            format!("invalid field name: {name}"),
        ));
    }
    let kind = read_type(change)?;
    let options = read_options(class, name, &kind, change)?;
    plan.result.fields.insert(name.to_owned(), kind.clone());
    if !options.is_empty() {
        plan.result.options.insert(name.to_owned(), options.clone());
    }
    plan.added.push((name.to_owned(), kind, options));
    Ok(())
}

fn read_type(change: &Map<String, Value>) -> ParseResult<FieldType> {
    let name = change
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("invalid JSON"))?;
    let target = || match change.get("targetClass") {
        None | Some(Value::Null) => Err(ParseError::new(
            code::MISSING_REQUIRED_FIELD,
            format!("type {name} needs a class name"),
        )),
        Some(Value::String(target)) if names::is_class_name(target) => Ok(target.clone()),
        Some(Value::String(target)) => Err(invalid_class_name(target)),
        Some(_) => Err(invalid("invalid JSON")),
    };
    Ok(match name {
        "String" => FieldType::String,
        "Number" => FieldType::Number,
        "Boolean" => FieldType::Boolean,
        "Date" => FieldType::Date,
        "Object" => FieldType::Object,
        "Array" => FieldType::Array,
        "GeoPoint" => FieldType::GeoPoint,
        "Polygon" => FieldType::Polygon,
        "File" => FieldType::File,
        "Bytes" => FieldType::Bytes,
        "Pointer" => FieldType::Pointer(target()?),
        "Relation" => FieldType::Relation(target()?),
        other => {
            return Err(ParseError::new(
                code::INCORRECT_TYPE,
                format!("invalid field type: {other}"),
            ));
        }
    })
}

/// 103, in the words of Parse Server.
pub fn invalid_class_name(name: &str) -> ParseError {
    ParseError::new(
        code::INVALID_CLASS_NAME,
        format!(
            "Invalid classname: {name}, classnames can only have alphanumeric characters and _, and must start with an alpha character "
        ),
    )
}

fn read_options(
    class: &ClassSchema,
    name: &str,
    kind: &FieldType,
    change: &Map<String, Value>,
) -> ParseResult<FieldOptions> {
    let inapplicable = |option: &str| {
        let message = format!("The '{option}' option is not applicable for {kind}");
        Err(ParseError::new(code::INCORRECT_TYPE, message))
    };
    let required = match change.get("required") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(flag)) => Some(*flag),
        Some(_) => return Err(invalid(&format!("required of {name} must be true or false"))),
    };
    let default_value = change.get("defaultValue").filter(|value| !value.is_null());
    if matches!(kind, FieldType::Relation(_)) {
        if default_value.is_some() {
            return inapplicable("default value");
        }
        if required == Some(true) {
            return inapplicable("required");
        }
    }
    if let Some(value) = default_value {
        let given = types::infer(value)?;
        if given.as_ref() != Some(kind) {
            let given = given.map_or_else(|| "null".to_owned(), |given| given.to_string());
            let message = format!(
                "schema mismatch for {}.{name} default value; expected {kind} but got {given}",
                class.name
            );
            return Err(ParseError::new(code::INCORRECT_TYPE, message));
        }
    }
    Ok(FieldOptions {
        required,
        default_value: default_value.cloned(),
    })
}

fn check_geo_points(class: &ClassSchema, plan: &Plan) -> ParseResult<()> {
    let is_point = |name: &&String| plan.result.field(name) == Some(&FieldType::GeoPoint);
    let mut points: Vec<&String> = plan.result.fields.keys().filter(is_point).collect();
    points.sort_by_key(|name| class.field(name).is_none());
    match points.as_slice() {
        [first, second, ..] => {
            let message = format!(
                "currently, only one GeoPoint field may exist in an object. Adding {second} when {first} already exists."
            );
            Err(ParseError::new(code::INCORRECT_TYPE, message))
        }
        _ => Ok(()),
    }
}
