//! API tokens of a person.

use chrono::TimeDelta;
use ids::{TokenId, secret};
use serde_json::json;

use super::{
    audit::{self, Event},
    values::Name,
};
use crate::{
    auth::Caller,
    crypto::sha256,
    error::ApiError,
    state::AppState,
    store::tokens::{self, ApiToken},
};

/// Characters of a token that stay visible: `slip_` and six more.
const PREFIX_LENGTH: usize = 11;

/// Makes a token; the secret is returned this once and kept as a hash.
pub async fn create(
    state: &AppState,
    caller: &Caller,
    name: &Name,
    expires_in_days: u16,
) -> Result<(ApiToken, String), ApiError> {
    let now = state.clock.now();
    let secret = secret(&*state.ids, secret::API_TOKEN, secret::TOKEN_LENGTH);
    let token = ApiToken {
        id: TokenId::new(&*state.ids),
        name: name.as_str().to_owned(),
        prefix: secret.chars().take(PREFIX_LENGTH).collect(),
        created_at: now,
        expires_at: now + TimeDelta::days(expires_in_days.into()),
        last_used_at: None,
    };
    let mut tx = state.pool.begin().await?;
    let living = tokens::list(&mut *tx, caller.account.id).await?;
    let limit = state.config.limits.tokens_per_account;
    if living.iter().filter(|token| token.expires_at > now).count() >= limit as usize {
        return Err(ApiError::TokenLimitReached(limit));
    }
    tokens::insert(&mut *tx, caller.account.id, &token, &sha256(&[secret.as_bytes()])).await?;
    let after = json!({ "token": token.id, "name": token.name, "expires_at": token.expires_at });
    let event = Event {
        action: "token.create",
        after: Some(after),
        ..Event::default()
    };
    audit::by_caller(&mut tx, &*state.ids, caller, now, event).await?;
    tx.commit().await?;
    Ok((token, secret))
}

/// Revokes one of the caller's tokens, at once.
pub async fn revoke(state: &AppState, caller: &Caller, id: TokenId) -> Result<(), ApiError> {
    let mut tx = state.pool.begin().await?;
    let deleted = tokens::delete(&mut *tx, caller.account.id, id).await?;
    let name = deleted.ok_or(ApiError::NotFound("token"))?;
    let before = json!({ "token": id, "name": name });
    let event = Event {
        action: "token.revoke",
        before: Some(before),
        ..Event::default()
    };
    audit::by_caller(&mut tx, &*state.ids, caller, state.clock.now(), event).await?;
    Ok(tx.commit().await?)
}
