//! The columns that classes have without anybody defining them (Parse Server, `defaultColumns`).

use std::collections::BTreeMap;

use crate::protocol::types::FieldType::{self, Array, Boolean, Date, File, Number, Object, String as Text};

/// Classes that every app has without a row in `_SCHEMA`; `/schemas` does not list them.
pub const VOLATILE: &[&str] = &[
    "_JobStatus",
    "_PushStatus",
    "_Hooks",
    "_GlobalConfig",
    "_GraphQLConfig",
    "_JobSchedule",
    "_Audience",
    "_Idempotency",
];

/// Columns of every class.
pub const COMMON: &[&str] = &["objectId", "createdAt", "updatedAt", "ACL"];

/// Built-in columns of `class`.
pub fn columns(class: &str) -> BTreeMap<String, FieldType> {
    let common = [
        ("objectId", Text),
        ("createdAt", Date),
        ("updatedAt", Date),
        ("ACL", FieldType::Acl),
    ];
    common
        .into_iter()
        .chain(system_columns(class))
        .map(|(name, kind)| (name.to_owned(), kind))
        .collect()
}

fn system_columns(class: &str) -> Vec<(&'static str, FieldType)> {
    let pointer = |class: &str| FieldType::Pointer(class.into());
    let relation = |class: &str| FieldType::Relation(class.into());
    match class {
        "_User" => vec![
            ("username", Text),
            ("password", Text),
            ("email", Text),
            ("emailVerified", Boolean),
            ("authData", Object),
        ],
        "_Role" => vec![
            ("name", Text),
            ("users", relation("_User")),
            ("roles", relation("_Role")),
        ],
        "_Session" => vec![
            ("user", pointer("_User")),
            ("installationId", Text),
            ("sessionToken", Text),
            ("expiresAt", Date),
            ("createdWith", Object),
        ],
        "_Installation" => vec![
            ("installationId", Text),
            ("deviceToken", Text),
            ("channels", Array),
            ("deviceType", Text),
            ("pushType", Text),
            ("GCMSenderId", Text),
            ("timeZone", Text),
            ("localeIdentifier", Text),
            ("badge", Number),
            ("appVersion", Text),
            ("appName", Text),
            ("appIdentifier", Text),
            ("parseVersion", Text),
        ],
        "_Product" => vec![
            ("productIdentifier", Text),
            ("download", File),
            ("downloadName", Text),
            ("icon", File),
            ("order", Number),
            ("title", Text),
            ("subtitle", Text),
        ],
        _ => volatile_columns(class),
    }
}

fn volatile_columns(class: &str) -> Vec<(&'static str, FieldType)> {
    match class {
        "_PushStatus" => vec![
            ("pushTime", Text),
            ("source", Text),
            ("query", Text),
            ("payload", Text),
            ("title", Text),
            ("expiry", Number),
            ("expiration_interval", Number),
            ("status", Text),
            ("numSent", Number),
            ("numFailed", Number),
            ("pushHash", Text),
            ("errorMessage", Object),
            ("sentPerType", Object),
            ("failedPerType", Object),
            ("sentPerUTCOffset", Object),
            ("failedPerUTCOffset", Object),
            ("count", Number),
        ],
        "_JobStatus" => vec![
            ("jobName", Text),
            ("source", Text),
            ("status", Text),
            ("message", Text),
            ("params", Object),
            ("finishedAt", Date),
        ],
        "_JobSchedule" => vec![
            ("jobName", Text),
            ("description", Text),
            ("params", Text),
            ("startAfter", Text),
            ("daysOfWeek", Array),
            ("timeOfDay", Text),
            ("lastRun", Number),
            ("repeatMinutes", Number),
        ],
        "_Hooks" => vec![
            ("functionName", Text),
            ("className", Text),
            ("triggerName", Text),
            ("url", Text),
        ],
        "_GlobalConfig" => vec![("params", Object), ("masterKeyOnly", Object)],
        "_GraphQLConfig" => vec![("config", Object)],
        "_Audience" => vec![
            ("name", Text),
            ("query", Text),
            ("lastUsed", Date),
            ("timesUsed", Number),
        ],
        "_Idempotency" => vec![("reqId", Text), ("expire", Date)],
        _ => Vec::new(),
    }
}

/// Whether `class` has this column by itself, so that nobody adds or removes it.
pub fn is_column(class: &str, field: &str) -> bool {
    COMMON.contains(&field) || system_columns(class).iter().any(|(name, _)| *name == field)
}

/// Columns that a new object of a system class must bring (111 `x is required.`).
pub fn required_columns(class: &str) -> &'static [&'static str] {
    match class {
        "_Role" => &["name", "ACL"],
        "_Product" => &["productIdentifier", "icon", "order", "title", "subtitle"],
        _ => &[],
    }
}
