//! The columns that classes have without anybody defining them (Parse Server, `defaultColumns`).

use std::collections::BTreeMap;

use crate::protocol::types::FieldType::{self, Array, Boolean, Date, Number, Object, String as Text};

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
        _ => Vec::new(),
    }
}

/// Columns that a new object of a system class must bring (111 `x is required.`).
pub fn required_columns(class: &str) -> &'static [&'static str] {
    match class {
        "_Role" => &["name", "ACL"],
        _ => &[],
    }
}
