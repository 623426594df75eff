//! `GET /sessions/me`

use crate::objects;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::query::{Filter, FindOptions};
use crate::routes::context::{Context, Reply};

/// The caller's own session; 209 without one.
pub async fn me(cx: Context<'_>) -> ParseResult<Reply> {
    let required = || ParseError::new(code::INVALID_SESSION_TOKEN, "Session token required.");
    let session = cx.caller.session.clone().ok_or_else(required)?;
    let options = FindOptions::of(Filter::equals("objectId", session.id.as_str()));
    objects::find::get(cx.app, &cx.caller, "_Session", options)
        .await
        .map(Reply::json)
}
