//! `GET /schemas`

use serde_json::json;

use crate::objects::schema::manage;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};

/// `{"results": [class, …]}`
pub async fn list(cx: Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    let classes = manage::list(cx.app).await?;
    Ok(Reply::value(&json!({ "results": classes })))
}
