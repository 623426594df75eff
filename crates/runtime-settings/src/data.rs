//! Options about stored data: `schema`, `query`, `installation`, `security` and what counts of `databaseOptions`.

use serde_json::{Map, Value};

use super::needless::known;
use super::section::Section;

/// Classes defined in the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaSettings {
    /// `{className, fields?, classLevelPermissions?, indexes?}` each.
    pub definitions: Vec<Map<String, Value>>,
    /// The server does not start when a definition cannot be applied.
    pub strict: bool,
    pub delete_extra_fields: bool,
    pub recreate_modified_fields: bool,
    /// `/schemas` changes nothing.
    pub lock_schemas: bool,
    pub keep_unknown_indexes: bool,
}

/// Defaults of aggregate queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryDefaults {
    /// Values are MongoDB's Extended JSON.
    pub aggregation_raw_values: bool,
    /// Fields go by the names of the database.
    pub aggregation_raw_field_names: bool,
}

/// What happens to installations that share a device token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstallationRules {
    pub action: DuplicateAction,
    /// The row that survives when a token without an installation meets an installation without that token.
    pub merge_priority: MergePriority,
    /// The caller's permissions bind the clean-up, too.
    pub enforce_auth: bool,
}

/// What becomes of the row that gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateAction {
    Delete,
    /// The shared field is removed from it.
    Update,
}

/// See [`InstallationRules::merge_priority`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergePriority {
    DeviceToken,
    InstallationId,
}

impl Default for InstallationRules {
    fn default() -> Self {
        Self {
            action: DuplicateAction::Delete,
            merge_priority: MergePriority::DeviceToken,
            enforce_auth: false,
        }
    }
}

/// The check of weak settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityCheck {
    pub enabled: bool,
    /// The report is logged at start.
    pub logged: bool,
}

/// Reads `schema`.
pub fn schema(value: &Value) -> Result<SchemaSettings, String> {
    const USED: &[&str] = &[
        "definitions",
        "strict",
        "deleteExtraFields",
        "recreateModifiedFields",
        "lockSchemas",
        "keepUnknownIndexes",
    ];
    let section = Section::of(value, &known("schema", USED))?;
    let malformed = || "has definitions that are no list of objects with a className".to_owned();
    let definitions = match section.value("definitions") {
        None => Vec::new(),
        Some(definitions) => definitions
            .as_array()
            .ok_or_else(malformed)?
            .iter()
            .map(|one| {
                one.as_object()
                    .filter(|one| one.get("className").is_some_and(Value::is_string))
                    .cloned()
                    .ok_or_else(malformed)
            })
            .collect::<Result<Vec<_>, _>>()?,
    };
    for (position, one) in definitions.iter().enumerate() {
        if definitions[..position]
            .iter()
            .any(|other| other.get("className") == one.get("className"))
        {
            return Err(format!("defines {} twice", one["className"]));
        }
    }
    Ok(SchemaSettings {
        definitions,
        strict: section.flag("strict", false)?,
        delete_extra_fields: section.flag("deleteExtraFields", false)?,
        recreate_modified_fields: section.flag("recreateModifiedFields", false)?,
        lock_schemas: section.flag("lockSchemas", false)?,
        keep_unknown_indexes: section.flag("keepUnknownIndexes", false)?,
    })
}

/// Reads `query`.
pub fn query(value: &Value) -> Result<QueryDefaults, String> {
    let section = Section::of(value, &["aggregationRawValues", "aggregationRawFieldNames"])?;
    Ok(QueryDefaults {
        aggregation_raw_values: section.flag("aggregationRawValues", false)?,
        aggregation_raw_field_names: section.flag("aggregationRawFieldNames", false)?,
    })
}

/// Reads `installation`.
pub fn installation(value: &Value) -> Result<InstallationRules, String> {
    let section = Section::of(
        value,
        &[
            "duplicateDeviceTokenAction",
            "duplicateDeviceTokenMergePriority",
            "duplicateDeviceTokenActionEnforceAuth",
        ],
    )?;
    Ok(InstallationRules {
        action: match section.text("duplicateDeviceTokenAction")?.as_deref() {
            None | Some("delete") => DuplicateAction::Delete,
            Some("update") => DuplicateAction::Update,
            Some(_) => return Err("has a duplicateDeviceTokenAction other than delete and update".to_owned()),
        },
        merge_priority: match section.text("duplicateDeviceTokenMergePriority")?.as_deref() {
            None | Some("deviceToken") => MergePriority::DeviceToken,
            Some("installationId") => MergePriority::InstallationId,
            Some(_) => {
                return Err(
                    "has a duplicateDeviceTokenMergePriority other than deviceToken and installationId"
                        .to_owned(),
                );
            }
        },
        enforce_auth: section.flag("duplicateDeviceTokenActionEnforceAuth", false)?,
    })
}

/// Reads `security`.
pub fn security(value: &Value) -> Result<SecurityCheck, String> {
    let section = Section::of(value, &known("security", &["enableCheck", "enableCheckLog"]))?;
    Ok(SecurityCheck {
        enabled: section.flag("enableCheck", false)?,
        logged: section.flag("enableCheckLog", false)?,
    })
}

/// Reads the one field of `databaseOptions` that is not about the driver.
pub fn allows_public_explain(value: &Value) -> Result<bool, String> {
    let field = "allowPublicExplain";
    Section::of(value, &known("databaseOptions", &[field]))?.flag(field, false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_name_each_class_once() {
        let read = schema(&json!({"definitions": [{"className": "Task"}], "strict": true})).unwrap();
        assert!(read.strict && !read.lock_schemas);
        for bad in [
            json!({"definitions": {}}),
            json!({"definitions": [{"fields": {}}]}),
            json!({"definitions": [{"className": "A"}, {"className": "A"}]}),
            json!({"strict": "yes"}),
            json!({"locked": true}),
        ] {
            assert!(schema(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_plan_is_for_everybody_where_it_is_said_so_only() {
        assert_eq!(
            allows_public_explain(&json!({"allowPublicExplain": true, "maxPoolSize": 5})),
            Ok(true)
        );
        assert_eq!(allows_public_explain(&json!({})), Ok(false));
        assert!(allows_public_explain(&json!({"allowPublicExplain": "yes"})).is_err());
        assert!(allows_public_explain(&json!({"allowPublicExplian": true})).is_err());
    }

    #[test]
    fn installation_rules_have_parse_servers_defaults() {
        assert_eq!(installation(&json!({})).unwrap(), InstallationRules::default());
        let update = installation(&json!({"duplicateDeviceTokenAction": "update"})).unwrap();
        assert_eq!(update.action, DuplicateAction::Update);
        assert!(installation(&json!({"duplicateDeviceTokenAction": "hide"})).is_err());
    }
}
