//! What an app runs on, and whether it may serve. The caller holds the app, so its scope is settled.

use chrono::{DateTime, Utc};
use ids::AppId;
use sqlx::{PgConnection, PgExecutor};

use super::typed;
use crate::regions::{Sizing, SuspensionReason};

/// What an app that is not deleted runs on, and nobody else may change it until the transaction ends.
pub async fn find_to_change(tx: &mut PgConnection, id: AppId) -> Result<Option<Sizing>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT
            engine,
            replicas_min,
            replicas_max,
            high_availability
        FROM apps
        WHERE id = $1
          AND deleted_at IS NULL
        FOR UPDATE",
        id.as_str(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Sizing {
            engine: typed(&row.engine)?,
            replicas_min: row.replicas_min,
            replicas_max: row.replicas_max,
            high_availability: row.high_availability,
        })
    })
    .transpose()
}

/// Gives the app another engine or other replicas.
pub async fn resize(
    db: impl PgExecutor<'_>,
    id: AppId,
    sizing: &Sizing,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET engine = $2,
            replicas_min = $3,
            replicas_max = $4,
            high_availability = $5,
            generation = generation + 1,
            updated_at = $6
        WHERE id = $1
          AND deleted_at IS NULL",
        id.as_str(),
        sizing.engine.as_str(),
        sizing.replicas_min,
        sizing.replicas_max,
        sizing.high_availability,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Has the app stop serving, with its data kept. `false` when it is suspended already, for whatever reason.
pub async fn suspend(
    db: impl PgExecutor<'_>,
    id: AppId,
    reason: SuspensionReason,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET suspension = $2,
            suspended_at = $3,
            generation = generation + 1,
            updated_at = $3
        WHERE id = $1
          AND suspension IS NULL
          AND deleted_at IS NULL",
        id.as_str(),
        reason.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Has the app serve again. `false` when it is not suspended for this reason.
pub async fn resume(
    db: impl PgExecutor<'_>,
    id: AppId,
    reason: SuspensionReason,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET suspension = NULL,
            suspended_at = NULL,
            generation = generation + 1,
            updated_at = $3
        WHERE id = $1
          AND suspension = $2
          AND deleted_at IS NULL",
        id.as_str(),
        reason.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
