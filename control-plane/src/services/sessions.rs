//! Opening and ending console sessions.

use chrono::{DateTime, Utc};
use ids::{AccountId, SessionId, secret};
use serde_json::json;
use sqlx::PgConnection;

use super::audit::{self, Event};
use crate::{
    auth::{Client, SessionCaller},
    crypto::sha256,
    error::ApiError,
    state::AppState,
    store::sessions::{self, NewSession},
};

/// Opens a session in the caller's transaction and returns its secret token, which only the cookie will hold.
/// The session of `replaced`, the cookie the browser had until now, ends: a login rotates it.
pub async fn open(
    state: &AppState,
    tx: &mut PgConnection,
    account_id: AccountId,
    client: &Client,
    replaced: Option<&str>,
    now: DateTime<Utc>,
) -> Result<String, ApiError> {
    if let Some(old) = replaced {
        sessions::delete_by_token(&mut *tx, &sha256(&[old.as_bytes()])).await?;
    }
    let token = secret(&*state.ids, "", secret::TOKEN_LENGTH);
    let session = NewSession {
        id: SessionId::new(&*state.ids),
        account_id,
        token_sha256: sha256(&[token.as_bytes()]),
        ip: &client.ip,
        user_agent: &client.user_agent,
        expires_at: now + state.config.sessions.lifetime(),
    };
    sessions::insert(tx, &session, now).await?;
    Ok(token)
}

/// Ends one of the caller's sessions.
pub async fn revoke(
    state: &AppState,
    caller: &SessionCaller,
    id: SessionId,
    action: &'static str,
) -> Result<(), ApiError> {
    let mut tx = state.pool.begin().await?;
    if !sessions::delete(&mut *tx, caller.caller.account.id, id).await? {
        return Err(ApiError::NotFound("session"));
    }
    let event = Event {
        action,
        before: Some(json!({ "session": id })),
        ..Event::default()
    };
    audit::by_caller(&mut tx, &*state.ids, &caller.caller, state.clock.now(), event).await?;
    Ok(tx.commit().await?)
}
