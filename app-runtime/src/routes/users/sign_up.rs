//! `POST /users`

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply, location};
use crate::users::signup::{self, SignedUp};

/// 201 with the new user's id and session, or 200 with the user a known identity belongs to.
pub async fn sign_up(mut cx: Context<'_>) -> ParseResult<Reply> {
    let body = cx.take_body();
    Ok(match signup::sign_up(cx.app, &cx.caller, body).await? {
        SignedUp::New { id, answer } => Reply::created("_User", &id, answer),
        SignedUp::Known { id, answer } => Reply {
            location: Some(location("_User", &id)),
            ..Reply::value(&answer)
        },
    })
}
