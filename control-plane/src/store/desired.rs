//! Apps as the reconciler sees them: what should run, with its secrets, and what does.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ids::AppId;
use runtime_settings::owner;
use secrecy::SecretString;
use serde_json::{Map, Value};
use sqlx::{PgExecutor, PgPool};

use super::{
    app_secrets::{self, SecretKind},
    app_settings, typed,
};
use crate::{
    crypto::{SealError, Sealed, Sealer},
    regions::{
        AppKeys, DesiredApp, DesiredState, ObservedApp, ObservedState, OwnerSettings, Region, Sizing,
        SuspensionReason,
    },
};

/// What a region should run, as far as it can be read.
#[derive(Debug)]
pub struct DesiredRegion {
    pub apps: Vec<DesiredApp>,
    /// Apps to be left as they are: one of them must not hold up the others.
    pub unreadable: Vec<UnreadableApp>,
}

/// An app whose secrets do not open.
#[derive(Debug)]
pub struct UnreadableApp {
    pub id: AppId,
    pub generation: i64,
    pub cause: SecretError,
}

/// Why a secret of an app cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("its {kind}: {source}")]
    Sealed { kind: SecretKind, source: SealError },
    #[error("it has no {0}")]
    Missing(SecretKind),
}

impl UnreadableApp {
    /// What its owner is told: it fails, and who can do what about it.
    pub fn observed(&self) -> ObservedApp {
        let message = match &self.cause {
            SecretError::Sealed {
                source: SealError::OtherKey { .. },
                ..
            } => {
                "The keys of this app were sealed with another key-encryption key than the platform has now, so \
                 nothing about the app can be changed. Whoever runs the platform has to put that key back: secrets.kek."
            }
            SecretError::Sealed { .. } | SecretError::Missing(_) => {
                "A key of this app is missing or damaged in the platform's database, so nothing about the app can be \
                 changed. Whoever runs the platform has to restore the app's rows of app_secrets from a backup."
            }
        };
        ObservedApp {
            id: self.id,
            generation: self.generation,
            state: ObservedState::Failing,
            serves: None,
            url: None,
            message: Some(message.to_owned()),
        }
    }
}

struct DesiredRow {
    id: String,
    application_id: String,
    name: String,
    generation: i64,
    observed_generation: i64,
    stage: String,
    settings: Value,
    engine: String,
    replicas_min: i32,
    replicas_max: Option<i32>,
    high_availability: bool,
    suspension: Option<String>,
    purge_after: Option<DateTime<Utc>>,
    purging_at: Option<DateTime<Utc>>,
}

impl DesiredRow {
    fn state(&self, now: DateTime<Utc>) -> DesiredState {
        match self.purge_after {
            None => DesiredState::Running,
            Some(after) if now < after && self.purging_at.is_none() => DesiredState::Deleted,
            Some(_) => DesiredState::Purge,
        }
    }

    fn sizing(&self) -> Result<Sizing, sqlx::Error> {
        Ok(Sizing {
            engine: typed(&self.engine)?,
            replicas_min: self.replicas_min,
            replicas_max: self.replicas_max,
            high_availability: self.high_availability,
        })
    }

    fn suspension(&self) -> Result<Option<SuspensionReason>, sqlx::Error> {
        self.suspension.as_deref().map(typed).transpose()
    }
}

/// Every app of the region that is not purged, secrets opened. An undo window is over at `now`.
pub async fn list_for_region(
    pool: &PgPool,
    sealer: &Sealer,
    region: Region,
    now: DateTime<Utc>,
) -> Result<DesiredRegion, sqlx::Error> {
    let rows = sqlx::query_as!(
        DesiredRow,
        "SELECT
            id,
            application_id,
            name,
            generation,
            observed_generation,
            stage,
            settings,
            engine,
            replicas_min,
            replicas_max,
            high_availability,
            suspension,
            purge_after,
            purging_at
        FROM apps
        WHERE region = $1
          AND purged_at IS NULL
        ORDER BY id",
        region.as_str(),
    )
    .fetch_all(pool)
    .await?;
    let mut sealed = app_secrets::list_for_region(pool, region).await?;
    let (mut apps, mut unreadable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let (id, generation) = (typed(&row.id)?, row.generation);
        let runs_on = (row.sizing()?, row.suspension()?);
        let sealed = sealed.remove(&id).unwrap_or_default();
        match desired_app(row, id, region, runs_on, now, &Secrets { id, sealer, sealed }) {
            Ok(app) => apps.push(app),
            Err(cause) => unreadable.push(UnreadableApp {
                id,
                generation,
                cause,
            }),
        }
    }
    Ok(DesiredRegion { apps, unreadable })
}

fn desired_app(
    row: DesiredRow,
    id: AppId,
    region: Region,
    (sizing, suspended): (Sizing, Option<SuspensionReason>),
    now: DateTime<Utc>,
    secrets: &Secrets<'_>,
) -> Result<DesiredApp, SecretError> {
    Ok(DesiredApp {
        id,
        region,
        state: row.state(now),
        application_id: row.application_id,
        name: row.name,
        generation: row.generation,
        observed_generation: row.observed_generation,
        keys: AppKeys {
            client: secrets.open(SecretKind::ClientKey)?,
            javascript: secrets.open(SecretKind::JavascriptKey)?,
            rest: secrets.open(SecretKind::RestKey)?,
            master: secrets.open(SecretKind::MasterKey)?,
        },
        database_password: secrets.open(SecretKind::DatabasePassword)?,
        usage_token: secrets.open(SecretKind::UsageToken)?,
        stage: row.stage,
        settings: secrets.open_settings(app_settings::object(row.settings))?,
        sizing,
        suspended,
    })
}

struct Secrets<'a> {
    id: AppId,
    sealer: &'a Sealer,
    sealed: HashMap<SecretKind, Sealed>,
}

impl Secrets<'_> {
    /// What the owner set, with its secrets in their places.
    fn open_settings(&self, mut settings: Map<String, Value>) -> Result<OwnerSettings, SecretError> {
        let kind = SecretKind::Settings;
        if let Some(sealed) = self.sealed.get(&kind) {
            let secrets = app_secrets::open_settings(self.sealer, self.id, sealed)
                .map_err(|source| SecretError::Sealed { kind, source })?;
            owner::put_back(&mut settings, &secrets);
        }
        Ok(OwnerSettings(settings))
    }

    fn open(&self, kind: SecretKind) -> Result<SecretString, SecretError> {
        let sealed = self.sealed.get(&kind).ok_or(SecretError::Missing(kind))?;
        app_secrets::open(self.sealer, self.id, kind, sealed)
            .map_err(|source| SecretError::Sealed { kind, source })
    }
}

/// Keeps what a driver saw. A report about an older generation than the last one is dropped.
pub async fn record_observed(db: impl PgExecutor<'_>, seen: &ObservedApp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET observed_generation = $2,
            observed_state = $3,
            url = coalesce($4, url),
            observed_message = $5,
            observed_serving = coalesce($6, observed_serving)
        WHERE id = $1
          AND observed_generation <= $2
          AND generation >= $2
          AND purged_at IS NULL
          AND (observed_generation, observed_state, url, observed_message, observed_serving)
              IS DISTINCT FROM ($2, $3, coalesce($4, url), $5, coalesce($6, observed_serving))",
        seen.id.as_str(),
        seen.generation,
        state_name(seen.state),
        seen.url,
        seen.message,
        seen.serves,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts the app's generation above `region_has`, if it is not there; `false` when it was.
pub async fn raise_generation(
    db: impl PgExecutor<'_>,
    id: AppId,
    region_has: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET generation = $2::bigint + 1
        WHERE id = $1
          AND generation < $2
          AND purged_at IS NULL",
        id.as_str(),
        region_has,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Tells the app's owner that its region does not answer. What was last seen of the app stands.
pub async fn record_unreachable(
    db: impl PgExecutor<'_>,
    id: AppId,
    message: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET observed_message = $2
        WHERE id = $1
          AND purged_at IS NULL
          AND observed_message IS DISTINCT FROM $2",
        id.as_str(),
        message,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Says of every app that it does not serve, and of one that was ready that it is on its way back: their processes were
/// stopped with the platform.
pub async fn record_stopped(db: impl PgExecutor<'_>, region: Region) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET observed_state = CASE observed_state WHEN 'ready' THEN 'restarting' ELSE observed_state END,
            observed_serving = false
        WHERE region = $1
          AND (observed_state = 'ready' OR observed_serving)",
        region.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Decides that the app's data is dropped now; from here on its deletion cannot be taken back. `false` when it
/// may not be: the deletion was taken back, or the window is still open. Waits for an
/// [`undelete`](super::apps::undelete) under way, because both change the same row: one of the two wins.
pub async fn begin_purge(
    db: impl PgExecutor<'_>,
    id: AppId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET purging_at = coalesce(purging_at, $2)
        WHERE id = $1
          AND (purge_after <= $2 OR purging_at IS NOT NULL)
          AND purged_at IS NULL",
        id.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes an app whose data is gone. Its secrets go too; the row stays for usage and audit.
pub async fn mark_purged(pool: &PgPool, id: AppId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query!("DELETE FROM app_secrets WHERE app_id = $1", id.as_str())
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "UPDATE apps
        SET purged_at = $2,
            observed_state = 'purged',
            observed_message = NULL,
            observed_serving = false,
            url = NULL,
            updated_at = $2
        WHERE id = $1
          AND deleted_at IS NOT NULL
          AND purged_at IS NULL",
        id.as_str(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// The word for an observed state in the database and the API.
pub fn state_name(state: ObservedState) -> &'static str {
    match state {
        ObservedState::Provisioning => "provisioning",
        ObservedState::Ready => "ready",
        ObservedState::Restarting => "restarting",
        ObservedState::Failing => "failing",
        ObservedState::Stopped => "stopped",
        ObservedState::Purged => "purged",
    }
}
