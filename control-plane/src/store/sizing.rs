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
    change_suspension(db, id, None, Some(reason), now).await
}

/// Has the app serve again. `false` when it is not suspended for this reason.
pub async fn resume(
    db: impl PgExecutor<'_>,
    id: AppId,
    reason: SuspensionReason,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    change_suspension(db, id, Some(reason), None, now).await
}

/// `None` is an app that serves. `false` when the app is not `from`, or deleted.
async fn change_suspension(
    db: impl PgExecutor<'_>,
    id: AppId,
    from: Option<SuspensionReason>,
    to: Option<SuspensionReason>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET suspension = $3,
            suspended_at = $4,
            generation = generation + 1,
            updated_at = $5
        WHERE id = $1
          AND suspension IS NOT DISTINCT FROM $2
          AND deleted_at IS NULL",
        id.as_str(),
        from.map(|reason| reason.as_str()),
        to.map(|reason| reason.as_str()),
        to.map(|_| now),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
