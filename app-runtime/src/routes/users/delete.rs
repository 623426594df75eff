//! `DELETE /users/:objectId`

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::users::profile;

/// `{}`
pub async fn delete(cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    profile::remove(cx.app, &cx.caller, id).await?;
    Ok(Reply::empty())
}
