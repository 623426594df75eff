//! `GET /classes/:className`

use crate::objects;
use crate::protocol::error::ParseResult;
use crate::query::FindOptions;
use crate::routes::context::{Context, Reply};

/// `{"results": […], "count"?: n}`
pub async fn find(mut cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    let options = FindOptions::parse(&cx.take_params(), cx.reader())?;
    objects::find::find(cx.app, &cx.caller, class, options)
        .await
        .map(Reply::json)
}
