//! `DELETE /schemas/:className`

use crate::objects::schema::manage;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::schemas::require_writer;

/// `{}`; 255 while the class has objects.
pub async fn delete(cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    require_writer(&cx, "delete")?;
    manage::delete(cx.app, class).await?;
    Ok(Reply::empty())
}
