//! When wrong passwords lock a subject, and for how long. The arithmetic is pure; the rest asks the store.
//!
//! A lock starts short and doubles with every further failure, so a person who mistyped waits half a minute
//! while a guesser gets a handful of tries an hour. Failures are forgotten after a day without one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use crate::{config::LimitsConfig, crypto::sha256, error::ApiError, store::failed_attempts};

/// How long failures are remembered.
pub const MEMORY: TimeDelta = TimeDelta::days(1);

/// What the database knows of a subject.
#[derive(Debug, Clone)]
pub struct Record {
    /// In a row.
    pub failures: i32,
    pub last_failed_at: DateTime<Utc>,
    pub locked_until: Option<DateTime<Utc>>,
}

/// Whose failures are counted: a hash, so that the table holds no e-mails of strangers.
#[derive(Debug, Clone, Copy)]
pub struct Subject([u8; 32]);

impl Subject {
    /// Attempts to log in with an e-mail, known or not.
    pub fn login(email: &str) -> Self {
        Self(sha256(&[b"login:", email.as_bytes()]))
    }

    /// Attempts of an account to confirm its password.
    pub fn confirmation(account: ids::AccountId) -> Self {
        Self(sha256(&[b"confirm:", account.as_str().as_bytes()]))
    }
}

/// Refuses while the subject is locked, saying for how long.
pub async fn check(pool: &PgPool, subject: Subject, now: DateTime<Utc>) -> Result<(), ApiError> {
    let locked_until = failed_attempts::find(pool, &subject.0)
        .await?
        .and_then(|known| known.locked_until);
    match locked_until.filter(|until| *until > now) {
        Some(until) => Err(ApiError::TooManyRequests(whole_seconds(until - now))),
        None => Ok(()),
    }
}

/// Counts a failure, and locks the subject when it was one too many.
pub async fn failed(
    pool: &PgPool,
    subject: Subject,
    now: DateTime<Utc>,
    limits: &LimitsConfig,
) -> Result<(), ApiError> {
    let failures = failed_attempts::count(pool, &subject.0, now, now - MEMORY).await?;
    if let Some(length) = lock_length(failures.unsigned_abs(), limits) {
        failed_attempts::lock(pool, &subject.0, now + length).await?;
    }
    Ok(())
}

/// Forgets the failures of a subject that succeeded.
pub async fn succeeded(pool: &PgPool, subject: Subject) -> Result<(), ApiError> {
    Ok(failed_attempts::clear(pool, &subject.0).await?)
}

/// How long the given number of failures in a row locks; `None` while there are few.
fn lock_length(failures: u32, limits: &LimitsConfig) -> Option<TimeDelta> {
    let beyond = failures.checked_sub(limits.failures_before_lock)?;
    let doubled = u64::from(limits.first_lock_seconds) << beyond.min(20);
    let seconds = doubled.min(limits.longest_lock_seconds.into());
    Some(TimeDelta::seconds(
        i64::try_from(seconds).unwrap_or(i64::MAX / 1_000),
    ))
}

fn whole_seconds(wait: TimeDelta) -> Duration {
    Duration::from_secs(wait.num_milliseconds().unsigned_abs().div_ceil(1_000))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn limits() -> LimitsConfig {
        let toml = "failures_before_lock = 5\nfirst_lock_seconds = 30\nlongest_lock_seconds = 900\n\
            signups_per_minute = 1\nlogins_per_minute = 1\nreveals_per_minute = 1\n\
            apps_per_organization = 1\ntokens_per_account = 1\nparallel_password_hashes = 1";
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn the_lock_starts_short_doubles_and_ends_at_the_longest() {
        let lengths = [4, 5, 6, 9, 10, 60]
            .map(|failures| lock_length(failures, &limits()).map(|length| length.num_seconds()));
        assert_eq!(
            lengths,
            [None, Some(30), Some(60), Some(480), Some(900), Some(900)]
        );
    }

    #[test]
    fn a_part_of_a_second_is_a_second_to_wait() {
        assert_eq!(
            whole_seconds(TimeDelta::milliseconds(1_001)),
            Duration::from_secs(2)
        );
    }
}
