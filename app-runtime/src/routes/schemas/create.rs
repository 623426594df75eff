//! `POST /schemas[/:className]`

use crate::objects::schema::manage;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::schemas::{class_name, require_writer};

/// The new class.
pub async fn create(cx: Context<'_>, path: Option<&str>) -> ParseResult<Reply> {
    require_writer(&cx, "create")?;
    let class = class_name(&cx, path)?;
    cx.app.denylist.check_map(&cx.body)?;
    manage::create(cx.app, &class, &cx.body)
        .await
        .map(|class| Reply::value(&class))
}
