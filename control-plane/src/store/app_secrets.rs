//! The sealed secrets of apps: four keys, the database password, the usage token, and those among their settings.

use std::{collections::HashMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use ids::AppId;
use runtime_settings::owner::Secrets;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgExecutor;

use super::typed;
use crate::{
    crypto::{SealError, Sealed, Sealer},
    regions::Region,
};

/// What a sealed secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    ClientKey,
    JavascriptKey,
    RestKey,
    MasterKey,
    DatabasePassword,
    UsageToken,
    /// All secrets of the owner's settings in one; only of apps whose owner has set something.
    Settings,
}

impl SecretKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::ClientKey,
        Self::JavascriptKey,
        Self::RestKey,
        Self::MasterKey,
        Self::DatabasePassword,
        Self::UsageToken,
        Self::Settings,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientKey => "client_key",
            Self::JavascriptKey => "javascript_key",
            Self::RestKey => "rest_key",
            Self::MasterKey => "master_key",
            Self::DatabasePassword => "database_password",
            Self::UsageToken => "usage_token",
            Self::Settings => "settings",
        }
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of secret.
#[derive(Debug, thiserror::Error)]
#[error("unknown kind of secret `{0}`")]
pub struct UnknownKind(String);

impl FromStr for SecretKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut kinds = Self::ALL.into_iter();
        kinds
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// Seals a secret for its place in this table.
pub fn seal(
    sealer: &Sealer,
    app: AppId,
    kind: SecretKind,
    secret: &SecretString,
) -> Result<Sealed, SealError> {
    sealer.seal(&["app_secrets", app.as_str(), kind.as_str()], secret)
}

/// Opens what [`seal`] made for the same app and kind.
pub fn open(
    sealer: &Sealer,
    app: AppId,
    kind: SecretKind,
    sealed: &Sealed,
) -> Result<SecretString, SealError> {
    sealer.open(&["app_secrets", app.as_str(), kind.as_str()], sealed)
}

/// Seals the secrets among an app's settings.
pub fn seal_settings(sealer: &Sealer, app: AppId, secrets: &Secrets) -> Result<Sealed, SealError> {
    let text = serde_json::json!(secrets).to_string();
    seal(sealer, app, SecretKind::Settings, &SecretString::from(text))
}

/// Opens what [`seal_settings`] made for the same app.
pub fn open_settings(sealer: &Sealer, app: AppId, sealed: &Sealed) -> Result<Secrets, SealError> {
    let text = open(sealer, app, SecretKind::Settings, sealed)?;
    // Written by ourselves, and authenticated: it is what it was.
    Ok(serde_json::from_str(text.expose_secret()).unwrap_or_default())
}

/// Keeps a secret, in place of the one before.
pub async fn put(
    db: impl PgExecutor<'_>,
    app: AppId,
    kind: SecretKind,
    sealed: &Sealed,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO app_secrets (app_id, kind, key_id, sealed, rotated_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (app_id, kind) DO UPDATE
        SET key_id = excluded.key_id,
            sealed = excluded.sealed,
            rotated_at = excluded.rotated_at",
        app.as_str(),
        kind.as_str(),
        sealed.key_id,
        sealed.bytes,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One secret of an app, still sealed.
pub async fn find(
    db: impl PgExecutor<'_>,
    app: AppId,
    kind: SecretKind,
) -> Result<Option<Sealed>, sqlx::Error> {
    sqlx::query_as!(
        Sealed,
        "SELECT
            key_id,
            sealed AS bytes
        FROM app_secrets
        WHERE app_id = $1
          AND kind = $2",
        app.as_str(),
        kind.as_str(),
    )
    .fetch_optional(db)
    .await
}

/// All secrets of all apps of a region that are not purged.
pub async fn list_for_region(
    db: impl PgExecutor<'_>,
    region: Region,
) -> Result<HashMap<AppId, HashMap<SecretKind, Sealed>>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT
            app_secrets.app_id,
            app_secrets.kind,
            app_secrets.key_id,
            app_secrets.sealed
        FROM app_secrets
        JOIN apps ON apps.id = app_secrets.app_id
        WHERE apps.region = $1
          AND apps.purged_at IS NULL",
        region.as_str(),
    )
    .fetch_all(db)
    .await?;
    let mut secrets: HashMap<AppId, HashMap<SecretKind, Sealed>> = HashMap::new();
    for row in rows {
        let sealed = Sealed {
            key_id: row.key_id,
            bytes: row.sealed,
        };
        secrets
            .entry(typed(&row.app_id)?)
            .or_default()
            .insert(typed(&row.kind)?, sealed);
    }
    Ok(secrets)
}
