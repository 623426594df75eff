//! The audit log as the API shows it.

use chrono::{DateTime, Utc};
use ids::{AppId, AuditId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{http::next_cursor, store::audit::Entry};

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    /// `person`, `token` or `system`.
    pub kind: String,
    /// The account's or the token's id, or the part of the system.
    pub id: String,
    /// The e-mail or the token's name.
    pub label: String,
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    #[schema(value_type = String)]
    pub id: AuditId,
    pub at: DateTime<Utc>,
    pub actor: AuditActor,
    #[schema(example = "app.create")]
    pub action: String,
    #[schema(required, value_type = Option<String>)]
    pub app_id: Option<AppId>,
    /// From where.
    #[schema(required)]
    pub ip: Option<String>,
    /// What it was, without secrets.
    #[schema(required, value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it became, without secrets.
    #[schema(required, value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// A page of the audit log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub entries: Vec<AuditEntry>,
    /// For the next page; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// Makes a page of at most `limit` entries.
pub fn audit_page(entries: Vec<Entry>, limit: i64) -> AuditPage {
    let next_cursor = next_cursor(limit, entries.len(), entries.last().map(|entry| entry.id));
    AuditPage {
        entries: entries.into_iter().map(AuditEntry::from).collect(),
        next_cursor,
    }
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            actor: AuditActor {
                kind: entry.actor_kind,
                id: entry.actor_id,
                label: entry.actor_label,
            },
            action: entry.action,
            app_id: entry.app_id,
            ip: entry.ip,
            before: entry.before,
            after: entry.after,
        }
    }
}
