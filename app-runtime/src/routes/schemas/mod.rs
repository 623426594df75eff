//! `/schemas[/:className]` and `/purge/:className`, for the owner of the app only.

pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod purge;
pub mod update;

use serde_json::Value;

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::routes::context::Context;

/// Lets the master key pass that may write, unless classes are defined in the settings alone. `doing` ends the sentence of
/// the refusal.
fn require_writer(cx: &Context<'_>, doing: &str) -> ParseResult<()> {
    cx.require_master()?;
    if cx
        .app
        .settings
        .schema
        .as_ref()
        .is_some_and(|schema| schema.lock_schemas)
    {
        return Err(ParseError::new(
            code::OPERATION_FORBIDDEN,
            "Cannot perform this operation when schemas options is used.",
        ));
    }
    if cx.caller.is_read_only() {
        let detail = format!("read-only masterKey isn't allowed to {doing} a schema.");
        return Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail));
    }
    Ok(())
}

/// The class that path and body name; 103 if they disagree.
fn class_name(cx: &Context<'_>, path: Option<&str>) -> ParseResult<String> {
    let sent = match cx.body.get("className") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => {
            return Err(ParseError::new(
                code::INVALID_CLASS_NAME,
                "className must be a string",
            ));
        }
    };
    match (path, sent) {
        (Some(path), Some(sent)) if path != sent => Err(ParseError::new(
            code::INVALID_CLASS_NAME,
            format!("Class name mismatch between {sent} and {path}."),
        )),
        (Some(name), _) | (None, Some(name)) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(ParseError::new(
            code::MISSING_REQUIRED_FIELD,
            "POST /schemas needs a class name.",
        )),
    }
}
