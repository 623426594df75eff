//! Answers kept under an `Idempotency-Key`, sealed.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::crypto::Sealed;

/// What is known of a key.
#[derive(Debug)]
pub struct Known {
    /// Hash of the method, path and body that first came with the key.
    pub request_sha256: Vec<u8>,
    /// The answer; `None` while the first request runs.
    pub answer: Option<(u16, Sealed)>,
}

/// Claims a key for a request. `false` when it is claimed already.
pub async fn claim(
    db: impl PgExecutor<'_>,
    caller: &str,
    key: &str,
    request_sha256: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO idempotency_keys (caller, key, request_sha256, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (caller, key) DO NOTHING",
        caller,
        key,
        request_sha256.as_slice(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Looks a claimed key up.
pub async fn find(db: impl PgExecutor<'_>, caller: &str, key: &str) -> Result<Option<Known>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT request_sha256, status, key_id, sealed_body
        FROM idempotency_keys
        WHERE caller = $1
          AND key = $2",
        caller,
        key,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let answer = match (row.status, row.key_id, row.sealed_body) {
            (Some(status), Some(key_id), Some(bytes)) => Some((
                u16::try_from(status).unwrap_or_default(),
                Sealed { key_id, bytes },
            )),
            _ => None,
        };
        Known {
            request_sha256: row.request_sha256,
            answer,
        }
    }))
}

/// Keeps the answer of a claimed key.
pub async fn finish(
    db: impl PgExecutor<'_>,
    caller: &str,
    key: &str,
    status: u16,
    body: &Sealed,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE idempotency_keys
        SET status = $3,
            key_id = $4,
            sealed_body = $5
        WHERE caller = $1
          AND key = $2",
        caller,
        key,
        i16::try_from(status).unwrap_or(500),
        body.key_id,
        body.bytes,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a claimed key back: its request changed nothing.
pub async fn release(db: impl PgExecutor<'_>, caller: &str, key: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM idempotency_keys
        WHERE caller = $1
          AND key = $2",
        caller,
        key,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes keys older than `before`; returns how many.
pub async fn delete_before(db: impl PgExecutor<'_>, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!("DELETE FROM idempotency_keys WHERE created_at < $1", before)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}
