//! `GET /schemas/:className`

use crate::objects::schema::manage;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// The class.
pub async fn get(cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    cx.require_master()?;
    manage::get(cx.app, class).await.map(|class| Reply::value(&class))
}
