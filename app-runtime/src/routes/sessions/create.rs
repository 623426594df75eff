//! `POST /sessions`

use serde_json::Value;

use crate::objects::draft::Draft;
use crate::objects::schema::{Operation, evolve};
use crate::protocol::dates;
use crate::protocol::error::{ParseError, ParseResult};
use crate::routes::context::{Context, Reply};
use crate::routes::sessions::update::FIXED;
use crate::users::sessions::{self, CreatedWith};

/// 201 with another session of the caller. What identifies a session is the server's to choose; other fields are kept.
pub async fn create(mut cx: Context<'_>) -> ParseResult<Reply> {
    let user = cx
        .caller
        .user_id()
        .ok_or_else(ParseError::invalid_session)?
        .to_owned();
    let mut body = cx.take_body();
    for field in FIXED.iter().chain(&["objectId", "ACL", "createdAt", "updatedAt"]) {
        body.shift_remove(*field);
    }
    let draft = Draft::decode(cx.app, body)?;
    // The session is made by the server; what the client adds to its class is for the client to be allowed.
    let (creates, fields) = (Operation::Create, draft.typed_fields()?);
    evolve::check_fields(cx.app, &cx.caller, "_Session", creates, &fields).await?;
    let with = CreatedWith {
        action: "create",
        provider: None,
    };
    let (token, created) = sessions::start_with(cx.app, &user, with, None, draft).await?;
    let mut answer = created.answer;
    answer.insert("sessionToken".into(), Value::String(token));
    if let Some(at) = answer
        .get("createdAt")
        .and_then(Value::as_str)
        .and_then(dates::parse_iso)
    {
        answer.insert("updatedAt".into(), dates::to_iso(at).into());
    }
    Ok(Reply::created("_Session", &created.id, answer))
}
