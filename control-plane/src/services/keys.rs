//! The keys of an app: made at its creation, shown, and rotated.

use chrono::{DateTime, Utc};
use ids::{AppId, secret};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    apps::{about, lock},
    audit,
};
use crate::{
    auth::Caller,
    error::ApiError,
    state::AppState,
    store::{
        app_secrets::{self, SecretKind},
        apps::{self, App},
    },
};

/// Length of the password of the app's database user.
const DATABASE_PASSWORD_LENGTH: usize = 40;

/// A key clients present to the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    Client,
    Javascript,
    Rest,
    Master,
}

impl KeyKind {
    const ALL: [Self; 4] = [Self::Client, Self::Javascript, Self::Rest, Self::Master];

    fn secret_kind(self) -> SecretKind {
        match self {
            Self::Client => SecretKind::ClientKey,
            Self::Javascript => SecretKind::JavascriptKey,
            Self::Rest => SecretKind::RestKey,
            Self::Master => SecretKind::MasterKey,
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Client => secret::CLIENT_KEY,
            Self::Javascript => secret::JAVASCRIPT_KEY,
            Self::Rest => secret::REST_KEY,
            Self::Master => secret::MASTER_KEY,
        }
    }
}

/// Makes and keeps the four keys and the database password of a new app.
pub async fn put_new(
    state: &AppState,
    tx: &mut PgConnection,
    app: AppId,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    for kind in KeyKind::ALL {
        let key = secret(&*state.ids, kind.prefix(), secret::KEY_LENGTH);
        put(state, tx, app, kind.secret_kind(), key, now).await?;
    }
    let password = secret(&*state.ids, "", DATABASE_PASSWORD_LENGTH);
    put(state, tx, app, SecretKind::DatabasePassword, password, now).await
}

/// Seals and keeps one secret.
pub async fn put(
    state: &AppState,
    tx: &mut PgConnection,
    app: AppId,
    kind: SecretKind,
    secret: String,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let sealed = app_secrets::seal(&state.sealer, app, kind, &SecretString::from(secret))?;
    Ok(app_secrets::put(tx, app, kind, &sealed, now).await?)
}

/// Opens one key of an app.
pub async fn open(state: &AppState, app: &App, kind: KeyKind) -> Result<SecretString, ApiError> {
    let kind = kind.secret_kind();
    let sealed = app_secrets::find(&state.pool, app.id, kind)
        .await?
        .ok_or(ApiError::NotFound("key"))?;
    Ok(app_secrets::open(&state.sealer, app.id, kind, &sealed)?)
}

/// Opens the master key and remembers who saw it. The caller has confirmed their password.
pub async fn reveal_master(state: &AppState, caller: &Caller, app: &App) -> Result<SecretString, ApiError> {
    let key = open(state, app, KeyKind::Master).await?;
    let mut tx = state.pool.begin().await?;
    let event = about("key.reveal", app);
    audit::by_caller(&mut tx, &*state.ids, caller, state.clock.now(), event).await?;
    tx.commit().await?;
    Ok(key)
}

/// Replaces a key; the old one stops working as soon as the region has applied it.
pub async fn rotate(
    state: &AppState,
    caller: &Caller,
    app: &App,
    kind: KeyKind,
) -> Result<SecretString, ApiError> {
    let now = state.clock.now();
    let key = secret(&*state.ids, kind.prefix(), secret::KEY_LENGTH);
    let mut tx = state.pool.begin().await?;
    let app = lock(&mut tx, caller, app.id).await?;
    if app.deleted_at.is_some() {
        return Err(ApiError::AppDeleted);
    }
    put(state, &mut tx, app.id, kind.secret_kind(), key.clone(), now).await?;
    apps::bump_generation(&mut *tx, app.id, now).await?;
    let mut event = about("key.rotate", &app);
    event.after = Some(json!({ "kind": kind }));
    audit::by_caller(&mut tx, &*state.ids, caller, now, event).await?;
    tx.commit().await?;
    state.wake.now();
    Ok(key.into())
}
