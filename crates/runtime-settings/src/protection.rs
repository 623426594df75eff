//! `protectedFields` and `requestKeywordDenylist`: from JSON to their typed forms.

use serde_json::Value;

use super::{DeniedKeyword, ProtectedFields};

/// Reads `{ClassName: {userGroup: [field, …]}}`.
pub fn fields(value: &Value) -> Result<ProtectedFields, String> {
    serde_json::from_value(value.clone())
        .map_err(|_| "must look like {\"ClassName\": {\"userGroup\": [\"field\"]}}".to_owned())
}

/// Adds what Parse Server always protects, the addresses of users, and the fields of the older
/// `userSensitiveFields`. With `owner_exempt` off, a list for all users stands as it was written.
pub fn with_defaults(
    mut fields: ProtectedFields,
    sensitive: &[String],
    owner_exempt: bool,
) -> ProtectedFields {
    let everyone = fields
        .entry("_User".to_owned())
        .or_default()
        .entry("*".to_owned())
        .or_default();
    let mut wanted = sensitive.to_vec();
    if owner_exempt || (everyone.is_empty() && sensitive.is_empty()) {
        wanted.push("email".to_owned());
    }
    for field in wanted {
        if !everyone.contains(&field) {
            everyone.push(field);
        }
    }
    fields
}

/// Reads `[{"key": …, "value": …}, …]`, each with a key, a value or both.
pub fn denied_keywords(value: &Value) -> Result<Vec<DeniedKeyword>, String> {
    let malformed = || "must be a list of objects with a key, a value or both".to_owned();
    value
        .as_array()
        .ok_or_else(malformed)?
        .iter()
        .map(|entry| denied_keyword(entry).ok_or_else(malformed))
        .collect()
}

fn denied_keyword(entry: &Value) -> Option<DeniedKeyword> {
    let entry = entry.as_object()?;
    let key = match entry.get("key") {
        Some(key) => Some(key.as_str()?.to_owned()),
        None => None,
    };
    let value = entry.get("value").cloned();
    (key.is_some() || value.is_some()).then_some(DeniedKeyword { key, value })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    /// One class, one group.
    fn protected(class: &str, group: &str, names: &[&str]) -> ProtectedFields {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        BTreeMap::from([(class.to_owned(), BTreeMap::from([(group.to_owned(), names)]))])
    }

    #[test]
    fn addresses_of_users_stay_protected_beside_own_fields() {
        let merged = with_defaults(protected("_User", "*", &["phone"]), &[], true);
        assert_eq!(merged["_User"]["*"], ["phone", "email"]);
        let merged = with_defaults(protected("Note", "*", &["draft"]), &["iban".to_owned()], true);
        assert_eq!(merged["_User"]["*"], ["iban", "email"]);
        assert_eq!(merged["Note"]["*"], ["draft"]);
    }

    #[test]
    fn without_the_owner_exemption_an_own_list_stands_as_written() {
        let merged = with_defaults(protected("_User", "*", &["phone"]), &[], false);
        assert_eq!(merged["_User"]["*"], ["phone"]);
        let merged = with_defaults(ProtectedFields::new(), &[], false);
        assert_eq!(merged["_User"]["*"], ["email"]);
    }

    #[test]
    fn denied_keywords_need_a_key_or_a_value() {
        assert_eq!(
            denied_keywords(&json!([{"key": "constructor"}, {"value": 1}])),
            Ok(vec![
                DeniedKeyword {
                    key: Some("constructor".to_owned()),
                    value: None
                },
                DeniedKeyword {
                    key: None,
                    value: Some(json!(1))
                },
            ])
        );
        for bad in [
            json!("constructor"),
            json!([{}]),
            json!([{"key": 1}]),
            json!(["constructor"]),
        ] {
            assert!(denied_keywords(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn malformed_protected_fields_are_refused() {
        for bad in [json!({"_User": ["email"]}), json!({"_User": {"*": "email"}})] {
            assert!(fields(&bad).is_err(), "{bad}");
        }
    }
}
