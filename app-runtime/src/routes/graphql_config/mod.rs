//! `GET` and `PUT /graphql-config`: which classes GraphQL shows, and how. Kept for dashboards, and for whoever moves in or
//! out; see `settings` for whether GraphQL is served.

mod validate;

use serde_json::{Map, Value, json};

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::routes::context::{Context, Reply};

/// The config; `{}` if it was never set.
pub async fn get(cx: Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    let config = cx.app.storage.graphql_config().await?.unwrap_or_default();
    Ok(Reply::value(&Value::Object(config)))
}

/// Replaces the config by `params`; the answer is Parse Server's, with a `response` too many.
pub async fn update(mut cx: Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    if cx.caller.is_read_only() {
        return Err(ParseError::denied(
            code::OPERATION_FORBIDDEN,
            "read-only masterKey isn't allowed to update the GraphQL config.",
        ));
    }
    let mut body = cx.take_body();
    cx.app.denylist.check_map(&body)?;
    let config = match body.shift_remove("params") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(config)) => config,
        Some(_) => return Err(invalid("must be a valid object")),
    };
    validate::config(&config).map_err(|reason| invalid(&reason))?;
    cx.app.storage.set_graphql_config(&config).await?;
    Ok(Reply::value(&json!({ "response": { "result": true } })))
}

fn invalid(reason: &str) -> ParseError {
    ParseError::new(code::INVALID_JSON, format!("Invalid graphQLConfig: {reason}"))
}
