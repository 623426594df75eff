//! `GET /classes/:className/:objectId`

use crate::objects;
use crate::protocol::error::ParseResult;
use crate::query::FindOptions;
use crate::routes::context::{Context, Reply};

/// The object.
pub async fn get(mut cx: Context<'_>, class: &str, id: &str) -> ParseResult<Reply> {
    let options = FindOptions::parse_get(id, &cx.take_params(), cx.reader())?;
    objects::find::get(cx.app, &cx.caller, class, options)
        .await
        .map(Reply::json)
}
