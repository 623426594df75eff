//! `GET /users/:objectId`

use serde_json::Value;

use crate::objects;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::query::FindOptions;
use crate::routes::context::{Context, Reply};

/// The user; to themselves with the `sessionToken` they came with.
pub async fn get(mut cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    let options = FindOptions::parse_get(id, &cx.take_params(), cx.reader())?;
    let json = objects::find::get(cx.app, &cx.caller, "_User", options).await?;
    match cx.session_token().filter(|_| cx.caller.user_id() == Some(id)) {
        Some(token) => with_token(&json, token).map(|user| Reply::value(&user)),
        None => Ok(Reply::json(json)),
    }
}

/// A user's JSON with their session token in it.
pub fn with_token(json: &[u8], token: &str) -> ParseResult<Value> {
    let mut user: Value = serde_json::from_slice(json)
        .map_err(|error| ParseError::new(code::INTERNAL_SERVER_ERROR, error.to_string()))?;
    user["sessionToken"] = token.into();
    Ok(user)
}
