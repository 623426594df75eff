//! `PUT /sessions/:objectId`

use serde_json::Value;

use crate::objects::draft::{self, Draft};
use crate::objects::schema::Operation;
use crate::objects::{access, update as objects};
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::routes::context::{Context, Reply};
use crate::routes::sessions::own;

/// What makes a session a session; no client sets any of it (CVE-2026-32742 and others).
pub const FIXED: &[&str] = &[
    "user",
    "installationId",
    "sessionToken",
    "expiresAt",
    "createdWith",
    "restricted",
];

/// `updatedAt`; only further fields of one's own session can be changed.
pub async fn update(mut cx: Context<'_>, id: &str) -> ParseResult<Reply> {
    access::check_fixed_rules(&cx.caller, "_Session", Operation::Update)?;
    let mut body = cx.take_body();
    draft::drop_server_fields("_Session", &mut body, false)?;
    let draft = Draft::decode(cx.app, body)?;
    if draft.acl.is_some() {
        return Err(ParseError::new(
            code::INVALID_KEY_NAME,
            "Cannot set ACL on a Session.",
        ));
    }
    let fixed = |(path, _): &&(String, _)| FIXED.contains(&names::root_of(path));
    if let Some((name, _)) = draft.ops.iter().find(fixed).filter(|_| !cx.caller.writes_all()) {
        return Err(ParseError::new(
            code::INVALID_KEY_NAME,
            format!("Invalid key name: {name}"),
        ));
    }
    let filter = own(&cx, id)?;
    let answer = objects::apply(cx.app, &cx.caller, "_Session", &filter, id, draft).await?;
    cx.app.accounts.forget_session(id).await;
    Ok(Reply::value(&Value::Object(answer)))
}
