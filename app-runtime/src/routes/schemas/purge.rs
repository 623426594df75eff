//! `DELETE /purge/:className`

use crate::objects::schema::manage;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::routes::context::{Context, Reply};

/// `{}`, also for a class that does not exist.
pub async fn purge(cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    cx.require_master()?;
    if cx.caller.is_read_only() {
        return Err(ParseError::denied(
            code::OPERATION_FORBIDDEN,
            "read-only masterKey isn't allowed to purge a schema.",
        ));
    }
    manage::purge(cx.app, class).await?;
    Ok(Reply::empty())
}
