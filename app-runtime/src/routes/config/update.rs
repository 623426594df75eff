//! `PUT /config`

use serde_json::{Map, Value, json};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::ops::Op;
use crate::protocol::types;
use crate::routes::context::{Context, Reply};
use crate::storage::ConfigChange;

/// `{"result": true}`; parameters that are not named stay.
pub async fn update(mut cx: Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    if cx.caller.is_read_only() {
        return Err(ParseError::denied(
            code::OPERATION_FORBIDDEN,
            "read-only masterKey isn't allowed to update the config.",
        ));
    }
    let mut body = cx.take_body();
    cx.app.denylist.check_map(&body)?;
    let params = object(&mut body, "params")?;
    let flags = object(&mut body, "masterKeyOnly")?;
    let changes = params
        .into_iter()
        .map(|(name, value)| {
            let master_key_only = flags.get(&name) == Some(&Value::Bool(true));
            change(name, value, master_key_only)
        })
        .collect::<ParseResult<Vec<_>>>()?;
    cx.app.storage.change_config(&changes).await?;
    Ok(Reply::value(&json!({ "result": true })))
}

fn object(body: &mut Map<String, Value>, name: &str) -> ParseResult<Map<String, Value>> {
    match body.shift_remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(ParseError::new(
            code::INVALID_JSON,
            format!("{name} must be an object"),
        )),
    }
}

fn change(name: String, value: Value, master_key_only: bool) -> ParseResult<ConfigChange> {
    if name.is_empty() || name.len() > 256 || name.contains(['.', '$', '\0']) {
        return Err(ParseError::invalid_field_name(&name));
    }
    let value = match Op::decode(value)? {
        Op::Set(value) => {
            types::infer(&value)?;
            Some(value)
        }
        Op::Delete => None,
        _ => {
            return Err(ParseError::new(
                code::INVALID_JSON,
                format!("{name} can be set or deleted only"),
            ));
        }
    };
    Ok(ConfigChange {
        name,
        value,
        master_key_only,
    })
}
