//! Takes away what has run out: ended sessions, remembered idempotency keys, old failed attempts.
//! Nothing depends on it; whoever reads such a row checks its age.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::Context;
use crate::store;

/// How often to clean up.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// A repeated request is recognised for this long.
const IDEMPOTENCY_KEYS_KEPT: TimeDelta = TimeDelta::hours(24);
/// Longer than the longest lock after failed attempts.
const FAILED_ATTEMPTS_KEPT: TimeDelta = TimeDelta::hours(24);

/// Cleans up now and regularly until `shutdown`.
pub async fn run(context: Context, shutdown: CancellationToken) {
    loop {
        match clean(&context).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "expired rows removed"),
            Err(error) => tracing::warn!(%error, "expired rows could not be removed"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn clean(context: &Context) -> Result<u64, sqlx::Error> {
    let (pool, now) = (&context.pool, context.clock.now());
    let sessions = store::sessions::delete_expired(pool, now).await?;
    let keys = store::idempotency::delete_before(pool, now - IDEMPOTENCY_KEYS_KEPT).await?;
    let attempts = store::failed_attempts::delete_before(pool, now - FAILED_ATTEMPTS_KEPT).await?;
    Ok(sessions + keys + attempts)
}
