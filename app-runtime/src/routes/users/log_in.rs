//! `GET` or `POST /login`

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::users::login;

/// The user with a new `sessionToken`.
pub async fn log_in(mut cx: Context<'_>) -> ParseResult<Reply> {
    let params = cx.take_params();
    let user = login::log_in(cx.app, &cx.caller, &params).await?;
    Ok(Reply::value(&user))
}
