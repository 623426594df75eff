//! People: one account per e-mail.

use chrono::{DateTime, Utc};
use ids::AccountId;
use sqlx::PgExecutor;

use super::typed;

/// A person who signs in.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    /// Lower-case.
    pub email: String,
    pub created_at: DateTime<Utc>,
}

/// Adds an account. `false` when the e-mail is taken; two sign-ups at once cannot both succeed.
pub async fn insert(
    db: impl PgExecutor<'_>,
    account: &Account,
    password_hash: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO accounts (id, email, password_hash, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (email) DO NOTHING",
        account.id.as_str(),
        account.email,
        password_hash,
        account.created_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The account of an e-mail, with its password hash.
pub async fn find_by_email(
    db: impl PgExecutor<'_>,
    email: &str,
) -> Result<Option<(Account, String)>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT id, email, password_hash, created_at
        FROM accounts
        WHERE email = $1",
        email,
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        let account = Account {
            id: typed(&row.id)?,
            email: row.email,
            created_at: row.created_at,
        };
        Ok((account, row.password_hash))
    })
    .transpose()
}

/// The stored password hash of an account.
pub async fn password_hash(db: impl PgExecutor<'_>, id: AccountId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("SELECT password_hash FROM accounts WHERE id = $1", id.as_str())
        .fetch_optional(db)
        .await
}
