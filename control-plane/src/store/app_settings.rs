//! What owners set of their apps. Secrets among it are null here; `app_secrets` keeps them.

use chrono::{DateTime, Utc};
use ids::AppId;
use serde_json::{Map, Value};
use sqlx::{PgConnection, PgExecutor};

/// The settings of one app as they are stored.
#[derive(Debug)]
pub struct StoredSettings {
    /// Grows with every change.
    pub version: i64,
    /// `building` or `live`.
    pub stage: String,
    /// By option; its secrets are null.
    pub options: Map<String, Value>,
}

struct SettingsRow {
    settings_version: i64,
    stage: String,
    settings: Value,
}

impl SettingsRow {
    fn typed(self) -> StoredSettings {
        StoredSettings {
            version: self.settings_version,
            stage: self.stage,
            options: object(self.settings),
        }
    }
}

/// The settings of an app.
pub async fn find(db: impl PgExecutor<'_>, app: AppId) -> Result<Option<StoredSettings>, sqlx::Error> {
    let row = sqlx::query_as!(
        SettingsRow,
        "SELECT
            settings_version,
            stage,
            settings
        FROM apps
        WHERE id = $1",
        app.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(SettingsRow::typed))
}

/// The same, and nobody else may change them until the transaction ends.
pub async fn find_to_change(
    tx: &mut PgConnection,
    app: AppId,
) -> Result<Option<StoredSettings>, sqlx::Error> {
    let row = sqlx::query_as!(
        SettingsRow,
        "SELECT
            settings_version,
            stage,
            settings
        FROM apps
        WHERE id = $1
          AND deleted_at IS NULL
        FOR UPDATE",
        app.as_str(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(SettingsRow::typed))
}

/// Keeps new settings; the region has to apply them.
pub async fn save(
    tx: &mut PgConnection,
    app: AppId,
    next: &StoredSettings,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET settings = $2,
            settings_version = $3,
            stage = $4,
            generation = generation + 1,
            updated_at = $5
        WHERE id = $1",
        app.as_str(),
        Value::Object(next.options.clone()),
        next.version,
        next.stage,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What a `jsonb` column that holds objects only holds.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
