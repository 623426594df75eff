//! `PUT /schemas/:className`

use crate::objects::schema::manage;
use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::routes::schemas::{class_name, require_writer};

/// The class as it is now.
pub async fn update(cx: Context<'_>, class: &str) -> ParseResult<Reply> {
    require_writer(&cx, "update")?;
    let class = class_name(&cx, Some(class))?;
    cx.app.denylist.check_map(&cx.body)?;
    manage::update(cx.app, &class, &cx.body)
        .await
        .map(|class| Reply::value(&class))
}
