//! `PUT /users/:objectId`

use serde_json::Value;

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::users::profile;

/// `updatedAt`, the results of operators, and a new `sessionToken` after one's own change of password.
pub async fn update(mut cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    let body = cx.take_body();
    let answer = profile::change(cx.app, &cx.caller, id, body).await?;
    Ok(Reply::value(&Value::Object(answer)))
}
