//! API tokens, found by their hash.

use chrono::{DateTime, Utc};
use ids::{AccountId, TokenId};
use sqlx::PgExecutor;

use super::{accounts::Account, typed};

/// A token as its owner sees it.
#[derive(Debug, Clone)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    /// The first characters, to recognise it by.
    pub prefix: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The token that was presented, and whose it is.
#[derive(Debug, Clone)]
pub struct TokenHolder {
    pub id: TokenId,
    pub name: String,
    pub last_used_at: Option<DateTime<Utc>>,
    pub account: Account,
}

/// Adds a token.
pub async fn insert(
    db: impl PgExecutor<'_>,
    account: AccountId,
    token: &ApiToken,
    token_sha256: &[u8; 32],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO api_tokens (id, account_id, name, prefix, token_sha256, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.id.as_str(),
        account.as_str(),
        token.name,
        token.prefix,
        token_sha256.as_slice(),
        token.created_at,
        token.expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The token with this hash, unless it expired before `now`.
pub async fn find(
    db: impl PgExecutor<'_>,
    token_sha256: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<TokenHolder>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT
            api_tokens.id,
            api_tokens.name,
            api_tokens.last_used_at,
            accounts.id AS account_id,
            accounts.email,
            accounts.created_at
        FROM api_tokens
        JOIN accounts ON accounts.id = api_tokens.account_id
        WHERE api_tokens.token_sha256 = $1
          AND api_tokens.expires_at > $2",
        token_sha256.as_slice(),
        now,
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let account = Account {
            id: typed(&row.account_id)?,
            email: row.email,
            created_at: row.created_at,
        };
        let (name, last_used_at) = (row.name, row.last_used_at);
        Ok(TokenHolder {
            id: typed(&row.id)?,
            name,
            last_used_at,
            account,
        })
    })
    .transpose()
}

/// Notes that the token was used.
pub async fn touch(db: impl PgExecutor<'_>, id: TokenId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1",
        id.as_str(),
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The tokens of an account, newest first, expired ones included.
pub async fn list(db: impl PgExecutor<'_>, account: AccountId) -> Result<Vec<ApiToken>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT id, name, prefix, created_at, expires_at, last_used_at
        FROM api_tokens
        WHERE account_id = $1
        ORDER BY id DESC",
        account.as_str(),
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ApiToken {
                id: typed(&row.id)?,
                name: row.name,
                prefix: row.prefix,
                created_at: row.created_at,
                expires_at: row.expires_at,
                last_used_at: row.last_used_at,
            })
        })
        .collect()
}

/// Revokes a token; returns its name, or `None` when the account has no such token.
pub async fn delete(
    db: impl PgExecutor<'_>,
    account: AccountId,
    id: TokenId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "DELETE FROM api_tokens
        WHERE account_id = $1
          AND id = $2
        RETURNING name",
        account.as_str(),
        id.as_str(),
    )
    .fetch_optional(db)
    .await
}
