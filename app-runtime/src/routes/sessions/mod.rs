//! `/sessions`

pub mod create;
pub mod delete;
pub mod me;
pub mod update;

use serde_json::Value;

use crate::protocol::error::{ParseError, ParseResult};
use crate::protocol::types::Pointer;
use crate::query::Filter;
use crate::routes::context::Context;

/// The session `id`, if it is the caller's own; the master key reaches all. 209 without a user.
fn own(cx: &Context<'_>, id: &str) -> ParseResult<Filter> {
    let by_id = Filter::equals("objectId", id);
    if cx.caller.writes_all() {
        return Ok(by_id);
    }
    let user = cx.caller.user_id().ok_or_else(ParseError::invalid_session)?;
    let user: Value = Pointer {
        class: "_User".into(),
        id: user.into(),
    }
    .encode();
    Ok(Filter::All(vec![by_id, Filter::equals("user", user)]))
}
