//! Writing to the audit log, in the transaction of the change.

use chrono::{DateTime, Utc};
use ids::{AppId, AuditId, IdSource, OrganizationId};
use serde_json::Value;
use sqlx::PgConnection;

use crate::{
    auth::Caller,
    store::audit::{self, Actor, NewEntry},
};

/// What is to be remembered. `before` and `after` never hold secrets.
#[derive(Debug, Default)]
pub struct Event {
    pub action: &'static str,
    pub organization_id: Option<OrganizationId>,
    pub app_id: Option<AppId>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Remembers that the caller did it.
pub async fn by_caller(
    tx: &mut PgConnection,
    ids: &dyn IdSource,
    caller: &Caller,
    now: DateTime<Utc>,
    event: Event,
) -> Result<(), sqlx::Error> {
    record(tx, ids, &caller.actor(), &caller.client.ip, now, event).await
}

/// Remembers that somebody did it.
pub async fn record(
    tx: &mut PgConnection,
    ids: &dyn IdSource,
    actor: &Actor,
    ip: &str,
    now: DateTime<Utc>,
    event: Event,
) -> Result<(), sqlx::Error> {
    let entry = NewEntry {
        id: AuditId::new(ids),
        at: now,
        organization_id: event.organization_id,
        app_id: event.app_id,
        actor,
        action: event.action,
        ip: Some(ip),
        before: event.before,
        after: event.after,
    };
    audit::insert(tx, &entry).await
}
