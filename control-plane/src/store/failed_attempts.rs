//! Failed password attempts by subject. The rule is in [`crate::auth::lockout`]; a subject is the hash of a
//! text and need not exist anywhere else.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::auth::lockout::Record;

/// What is known of a subject.
pub async fn find(db: impl PgExecutor<'_>, subject: &[u8; 32]) -> Result<Option<Record>, sqlx::Error> {
    sqlx::query_as!(
        Record,
        "SELECT failures, last_failed_at, locked_until
        FROM failed_attempts
        WHERE subject = $1",
        subject.as_slice(),
    )
    .fetch_optional(db)
    .await
}

/// Counts one more failure, starting over when the last one was before `forget_before`; returns the count.
pub async fn count(
    db: impl PgExecutor<'_>,
    subject: &[u8; 32],
    now: DateTime<Utc>,
    forget_before: DateTime<Utc>,
) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "INSERT INTO failed_attempts AS known (subject, failures, last_failed_at)
        VALUES ($1, 1, $2)
        ON CONFLICT (subject) DO UPDATE
        SET failures = CASE WHEN known.last_failed_at < $3 THEN 1 ELSE known.failures + 1 END,
            last_failed_at = $2
        RETURNING failures",
        subject.as_slice(),
        now,
        forget_before,
    )
    .fetch_one(db)
    .await
}

/// Locks a subject.
pub async fn lock(
    db: impl PgExecutor<'_>,
    subject: &[u8; 32],
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE failed_attempts SET locked_until = $2 WHERE subject = $1",
        subject.as_slice(),
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets a subject's failures after a success.
pub async fn clear(db: impl PgExecutor<'_>, subject: &[u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM failed_attempts WHERE subject = $1",
        subject.as_slice()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes subjects whose last failure was before `before`; returns how many.
pub async fn delete_before(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!("DELETE FROM failed_attempts WHERE last_failed_at < $1", before)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}
