//! `GET /users/me`

use crate::objects;
use crate::protocol::error::{ParseError, ParseResult};
use crate::query::{Filter, FindOptions};
use crate::routes::context::{Context, Reply};
use crate::routes::users::get::with_token;

/// The signed-in user with their `sessionToken`; 209 without a session.
pub async fn me(cx: Context<'_>) -> ParseResult<Reply> {
    let session = cx
        .caller
        .session
        .as_ref()
        .ok_or_else(ParseError::invalid_session)?;
    let own = FindOptions::of(Filter::equals("objectId", session.user.as_str()));
    let json = objects::find::get(cx.app, &cx.caller, "_User", own).await?;
    Ok(Reply::value(&with_token(&json, &session.token)?))
}
