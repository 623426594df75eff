//! `POST /classes/:className`

use crate::objects;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// 201 with `objectId`, `createdAt` and what the server changed.
pub async fn create(mut cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    let body = cx.take_body();
    let created = objects::create::create(cx.app, &cx.caller, class, body).await?;
    Ok(Reply::created(class, &created.id, created.answer))
}
