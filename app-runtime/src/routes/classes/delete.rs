//! `DELETE /classes/:className/:objectId`

use crate::objects;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// `{}`
pub async fn delete(cx: Context<'_>, class: &str, id: &str) -> ParseResult<Reply> {
    objects::delete::delete(cx.app, &cx.caller, class, id).await?;
    if class == "_Role" {
        cx.app.accounts.forget_roles();
    }
    Ok(Reply::empty())
}
