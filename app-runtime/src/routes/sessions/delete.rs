//! `DELETE /sessions/:objectId`

use crate::objects::access;
use crate::objects::schema::{ClassSchema, Operation};
use crate::protocol::error::{ParseError, ParseResult};
use crate::routes::context::{Context, Reply};
use crate::routes::sessions::own;
use crate::storage::Selection;

/// `{}`; 101 for a session that is not the caller's.
pub async fn delete(cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    access::check_fixed_rules(&cx.caller, "_Session", Operation::Delete)?;
    let filter = own(&cx, id)?;
    let schema = ClassSchema::new("_Session");
    let deleted = cx
        .app
        .storage
        .delete(&Selection {
            schema: &schema,
            filter: &filter,
            acl_group: None,
        })
        .await?;
    cx.app.accounts.forget_session(id).await;
    if deleted {
        Ok(Reply::empty())
    } else {
        Err(ParseError::not_found())
    }
}
