//! The audit log: who changed what, when, from where, before and after. Only ever appended to.

use chrono::{DateTime, Utc};
use ids::{AccountId, AppId, AuditId, OrganizationId};
use serde_json::Value;
use sqlx::PgExecutor;

use super::typed;

/// Who did it.
#[derive(Debug, Clone)]
pub struct Actor {
    /// `person`, `token` or `system`.
    pub kind: &'static str,
    /// The account's or the token's id; the name of a part of the system.
    pub id: String,
    /// What people recognise: the e-mail or the token's name.
    pub label: String,
    /// Whose rights were used.
    pub account_id: Option<AccountId>,
}

/// An entry to write. `before` and `after` never hold secrets.
#[derive(Debug)]
pub struct NewEntry<'a> {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    pub organization_id: Option<OrganizationId>,
    pub app_id: Option<AppId>,
    pub actor: &'a Actor,
    /// `app.create`, `session.revoke`, …
    pub action: &'static str,
    pub ip: Option<&'a str>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// An entry as it is read.
#[derive(Debug)]
pub struct Entry {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    pub app_id: Option<AppId>,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_label: String,
    pub action: String,
    pub ip: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

struct EntryRow {
    id: String,
    at: DateTime<Utc>,
    app_id: Option<String>,
    actor_kind: String,
    actor_id: String,
    actor_label: String,
    action: String,
    ip: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
}

impl EntryRow {
    fn typed(self) -> Result<Entry, sqlx::Error> {
        Ok(Entry {
            id: typed(&self.id)?,
            at: self.at,
            app_id: self.app_id.as_deref().map(typed).transpose()?,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            actor_label: self.actor_label,
            action: self.action,
            ip: self.ip,
            before: self.before,
            after: self.after,
        })
    }
}

/// Writes an entry, in the transaction of the change it tells of.
pub async fn insert(db: impl PgExecutor<'_>, entry: &NewEntry<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO audit_log
            (id, at, organization_id, app_id, actor_kind, actor_id, actor_label, account_id, action, ip,
             before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        entry.id.as_str(),
        entry.at,
        entry.organization_id.as_ref().map(OrganizationId::as_str),
        entry.app_id.as_ref().map(AppId::as_str),
        entry.actor.kind,
        entry.actor.id,
        entry.actor.label,
        entry.actor.account_id.as_ref().map(AccountId::as_str),
        entry.action,
        entry.ip,
        entry.before,
        entry.after,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What happened in the account's organizations and to the account itself, newest first.
pub async fn list_for_account(
    db: impl PgExecutor<'_>,
    account: AccountId,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT id, at, app_id, actor_kind, actor_id, actor_label, action, ip, before, after
        FROM audit_log
        WHERE (organization_id IN (SELECT organization_id FROM memberships WHERE account_id = $1)
               OR (organization_id IS NULL AND account_id = $1))
          AND ($2::text IS NULL OR id < $2)
        ORDER BY id DESC
        LIMIT $3",
        account.as_str(),
        before.as_ref().map(AuditId::as_str),
        limit,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(EntryRow::typed).collect()
}

/// What happened to one app, newest first. The caller has loaded the app within its scope.
pub async fn list_for_app(
    db: impl PgExecutor<'_>,
    app: AppId,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        "SELECT id, at, app_id, actor_kind, actor_id, actor_label, action, ip, before, after
        FROM audit_log
        WHERE app_id = $1
          AND ($2::text IS NULL OR id < $2)
        ORDER BY id DESC
        LIMIT $3",
        app.as_str(),
        before.as_ref().map(AuditId::as_str),
        limit,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(EntryRow::typed).collect()
}
