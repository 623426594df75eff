//! `PUT /classes/:className/:objectId`

use serde_json::Value;

use crate::objects;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// `updatedAt` and the results of operators.
pub async fn update(mut cx: Context<'_>, class: &str, id: &str) -> ParseResult<Reply> {
    let body = cx.take_body();
    let answer = objects::update::update(cx.app, &cx.caller, class, id, body).await?;
    Ok(Reply::value(&Value::Object(answer)))
}
