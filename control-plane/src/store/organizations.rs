//! Organizations and who belongs to them.

use chrono::{DateTime, Utc};
use ids::{AccountId, OrganizationId};
use sqlx::PgExecutor;

use super::typed;
use crate::auth::Role;

/// An organization as one of its members sees it.
#[derive(Debug, Clone)]
pub struct Membership {
    pub organization_id: OrganizationId,
    pub name: String,
    pub role: Role,
}

/// Adds an organization.
pub async fn insert(
    db: impl PgExecutor<'_>,
    id: OrganizationId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO organizations (id, name, created_at)
        VALUES ($1, $2, $3)",
        id.as_str(),
        name,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes an account a member.
pub async fn add_member(
    db: impl PgExecutor<'_>,
    organization: OrganizationId,
    account: AccountId,
    role: Role,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO memberships (organization_id, account_id, role, created_at)
        VALUES ($1, $2, $3, $4)",
        organization.as_str(),
        account.as_str(),
        role.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The organizations of an account, oldest first.
pub async fn list_for_account(
    db: impl PgExecutor<'_>,
    account: AccountId,
) -> Result<Vec<Membership>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT
            organizations.id,
            organizations.name,
            memberships.role
        FROM memberships
        JOIN organizations ON organizations.id = memberships.organization_id
        WHERE memberships.account_id = $1
        ORDER BY memberships.created_at, organizations.id",
        account.as_str(),
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Membership {
                organization_id: typed(&row.id)?,
                name: row.name,
                role: typed(&row.role)?,
            })
        })
        .collect()
}
