//! `POST /logout`

use crate::protocol::error::ParseResult;
use crate::routes::context::{Context, Reply};
use crate::users::sessions;

/// `{}`, whether or not there was a session to end.
pub async fn log_out(cx: Context<'_>) -> ParseResult<Reply> {
    if let Some(token) = cx.session_token() {
        sessions::end(cx.app, token).await?;
    }
    Ok(Reply::empty())
}
