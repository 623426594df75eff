//! All SQL of the control plane, one file per table family.
//!
//! Plain functions over a connection or a transaction. The scope (account, organization, region) comes
//! first, so a query reads "apps of this account where …"; absence is `Ok(None)`. A change and its audit
//! entry share the caller's transaction.

pub mod accounts;
pub mod app_secrets;
pub mod app_settings;
pub mod apps;
pub mod audit;
pub mod desired;
pub mod failed_attempts;
pub mod idempotency;
pub mod organizations;
pub mod region_turn;
pub mod sessions;
pub mod sizing;
pub mod tokens;
pub mod usage;

use std::str::FromStr;

use sqlx::migrate::Migrator;

/// The migrations of the control plane's database, embedded in the binary. They are immutable once released.
pub static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Reads a typed value (an id, a role, a region) out of a text column.
pub(crate) fn typed<T>(text: &str) -> Result<T, sqlx::Error>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
        .map_err(|error: T::Err| sqlx::Error::Decode(Box::new(error)))
}

/// Row counters are `bigint`; a count never exceeds it, so the ends of the range are good enough.
pub(crate) fn to_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The other way round; the tables' checks keep counts from going below zero.
pub(crate) fn to_u64(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
