//! Console sessions, found by the hash of their cookie.

use chrono::{DateTime, TimeDelta, Utc};
use ids::{AccountId, SessionId};
use sqlx::PgExecutor;

use super::{accounts::Account, typed};

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub ip: String,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

/// A session to be opened.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub id: SessionId,
    pub account_id: AccountId,
    pub token_sha256: [u8; 32],
    pub ip: &'a str,
    pub user_agent: &'a str,
    pub expires_at: DateTime<Utc>,
}

/// Opens a session at `now`.
pub async fn insert(
    db: impl PgExecutor<'_>,
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sessions
            (id, account_id, token_sha256, ip, user_agent, created_at, last_seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        session.id.as_str(),
        session.account_id.as_str(),
        session.token_sha256.as_slice(),
        session.ip,
        session.user_agent,
        now,
        session.expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A living session and its account: not expired at `now`, and seen within `idle`.
pub async fn find(
    db: impl PgExecutor<'_>,
    token_sha256: &[u8; 32],
    now: DateTime<Utc>,
    idle: TimeDelta,
) -> Result<Option<(SessionId, DateTime<Utc>, Account)>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT
            sessions.id,
            sessions.last_seen_at,
            accounts.id AS account_id,
            accounts.email,
            accounts.created_at
        FROM sessions
        JOIN accounts ON accounts.id = sessions.account_id
        WHERE sessions.token_sha256 = $1
          AND sessions.expires_at > $2
          AND sessions.last_seen_at > $3",
        token_sha256.as_slice(),
        now,
        now - idle,
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let account = Account {
            id: typed(&row.account_id)?,
            email: row.email,
            created_at: row.created_at,
        };
        Ok((typed(&row.id)?, row.last_seen_at, account))
    })
    .transpose()
}

/// Notes that the session was used.
pub async fn touch(db: impl PgExecutor<'_>, id: SessionId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sessions SET last_seen_at = $2 WHERE id = $1",
        id.as_str(),
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The living sessions of an account, last used first.
pub async fn list(
    db: impl PgExecutor<'_>,
    account: AccountId,
    now: DateTime<Utc>,
    idle: TimeDelta,
) -> Result<Vec<Session>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT id, ip, user_agent, created_at, last_seen_at
        FROM sessions
        WHERE account_id = $1
          AND expires_at > $2
          AND last_seen_at > $3
        ORDER BY last_seen_at DESC, id DESC",
        account.as_str(),
        now,
        now - idle,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Session {
                id: typed(&row.id)?,
                ip: row.ip,
                user_agent: row.user_agent,
                created_at: row.created_at,
                last_seen_at: row.last_seen_at,
            })
        })
        .collect()
}

/// Ends one session of an account. `false` when the account has no such session.
pub async fn delete(db: impl PgExecutor<'_>, account: AccountId, id: SessionId) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "DELETE FROM sessions
        WHERE account_id = $1
          AND id = $2",
        account.as_str(),
        id.as_str(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the session of this cookie, whoever it belongs to: signing in again replaces it.
pub async fn delete_by_token(db: impl PgExecutor<'_>, token_sha256: &[u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sessions WHERE token_sha256 = $1",
        token_sha256.as_slice()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes sessions that ended before `now`; returns how many.
pub async fn delete_expired(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!("DELETE FROM sessions WHERE expires_at <= $1", now)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}
