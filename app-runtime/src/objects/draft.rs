//! The body of a write, decoded: operators per field, and the ACL apart from them.

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::schema::evolve::TypedField;
use crate::protocol::acl::Acl;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::ops::Op;
use crate::protocol::types;
use crate::storage::Times;

/// A write as the client wants it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Protocol path and what happens there.
    pub ops: Vec<(String, Op)>,
    /// The ACL that was sent. As with Parse Server, null is none, and deleting it leaves the object to the master key.
    pub acl: Option<Acl>,
    /// Columns the runtime adds by itself (`_hashed_password`), stored under these names.
    pub internal: Map<String, Value>,
    /// Times that the maintenance key sets.
    pub times: Option<Times>,
}

/// What only the server sets.
const SERVER_FIELDS: &[&str] = &["createdAt", "updatedAt", "objectId"];

impl Draft {
    /// Decodes a body. Server-set fields must have been taken out or are dropped; see [`drop_server_fields`].
    pub fn decode(app: &AppState, body: Fields) -> ParseResult<Self> {
        app.denylist.check_map(&body)?;
        let mut draft = Self::default();
        for (name, value) in body {
            match (name.as_str(), Op::decode(value)?) {
                ("ACL", Op::Set(Value::Null)) => {}
                ("ACL", Op::Delete) => draft.acl = Some(Acl::default()),
                ("ACL", Op::Set(value)) => draft.acl = Some(Acl::decode(&value)?),
                ("ACL", _) => return Err(ParseError::new(code::INVALID_ACL, "Invalid ACL.")),
                (_, op) => draft.ops.push((name, op)),
            }
        }
        Ok(draft)
    }

    /// The fields with the types their values have; bad values are refused here.
    pub fn typed_fields(&self) -> ParseResult<Vec<TypedField<'_>>> {
        self.ops
            .iter()
            .map(|(name, op)| Ok((name.as_str(), op.field_type()?)))
            .collect()
    }

    /// The value that a plain write gives to a field.
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.ops
            .iter()
            .find(|(name, _)| name == field)
            .and_then(|(_, op)| match op {
                Op::Set(value) => Some(value),
                _ => None,
            })
    }

    /// Removes a field and returns what the write does to it.
    pub fn take(&mut self, field: &str) -> Option<Op> {
        let position = self.ops.iter().position(|(name, _)| name == field)?;
        Some(self.ops.remove(position).1)
    }

    /// Sets a field to a plain value.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.take(field);
        self.ops.push((field.to_owned(), Op::Set(value.into())));
    }
}

/// Takes the id out of the body of a new object; 105 unless the app lets clients choose ids.
pub fn take_custom_id(app: &AppState, body: &mut Fields) -> ParseResult<Option<String>> {
    if body.contains_key("id") {
        return Err(ParseError::new(
            code::INVALID_KEY_NAME,
            "id is an invalid field name.",
        ));
    }
    match body.remove("objectId") {
        None => Ok(None),
        Some(_) if !app.settings.allow_custom_object_id => Err(ParseError::new(
            code::INVALID_KEY_NAME,
            "objectId is an invalid field name.",
        )),
        Some(Value::String(id)) if is_custom_id(&id) => Ok(Some(id)),
        Some(Value::String(id)) if !id.is_empty() => Err(ParseError::new(
            code::INVALID_KEY_NAME,
            "objectId must be at most 512 characters without ':', '$' or control characters",
        )),
        Some(_) => Err(ParseError::new(
            code::MISSING_OBJECT_ID,
            "objectId must not be empty, null or undefined",
        )),
    }
}

/// No id may read as a role (CVE-2024-47183) or break the stored form of a pointer.
fn is_custom_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 512
        && id != "*"
        && !id.contains([':', '$'])
        && !id.chars().any(char::is_control)
}

/// Takes the times out of the body of a new object, where the maintenance key sends them as Dates; 142 if they run backwards.
pub fn take_times(caller: &Caller, body: &mut Fields) -> ParseResult<Option<Times>> {
    let date = |name: &str| body.get(name).and_then(types::date_millis);
    let Some(created) = date("createdAt").filter(|_| caller.is_maintenance()) else {
        return Ok(None);
    };
    let updated = date("updatedAt").unwrap_or(created);
    if updated < created {
        return Err(ParseError::new(
            code::VALIDATION_ERROR,
            "updatedAt cannot occur before createdAt",
        ));
    }
    for name in ["createdAt", "updatedAt"] {
        body.shift_remove(name);
    }
    Ok(Some(Times { created, updated }))
}

/// Drops what only the server sets. A plain string is no Date, and is refused as one.
pub fn drop_server_fields(class: &str, body: &mut Fields, creating: bool) -> ParseResult<()> {
    for name in SERVER_FIELDS {
        if let Some(Value::String(_)) = body
            .shift_remove(*name)
            .filter(|_| creating && *name != "objectId")
        {
            let message = format!("schema mismatch for {class}.{name}; expected Date but got String");
            return Err(ParseError::new(code::INCORRECT_TYPE, message));
        }
    }
    Ok(())
}
