//! A class as `/schemas` shows it.

use serde_json::{Map, Value, json};

use crate::objects::schema::defaults;
use crate::objects::schema::model::ClassSchema;
use crate::objects::schema::permissions::ClassPermissions;
use crate::protocol::types::FieldType;

/// `{className, fields, classLevelPermissions, indexes?}`; `permissions` are those in force.
pub fn encode(class: &ClassSchema, permissions: Option<&ClassPermissions>) -> Value {
    let common = defaults::COMMON.iter().map(|name| (*name).to_owned());
    let others = class
        .fields
        .keys()
        .filter(|name| !defaults::COMMON.contains(&name.as_str()))
        .cloned();
    let fields: Map<String, Value> = common
        .chain(others)
        .filter_map(|name| {
            let field = encode_field(class, &name)?;
            Some((name, field))
        })
        .collect();
    let mut shown = json!({
        "className": class.name,
        "fields": fields,
        "classLevelPermissions": encode_permissions(permissions),
    });
    if !class.indexes.is_empty() {
        shown["indexes"] = Value::Object(class.indexes.clone());
    }
    shown
}

fn encode_field(class: &ClassSchema, name: &str) -> Option<Value> {
    let kind: &FieldType = class.field(name)?;
    let mut field = json!({ "type": kind.name() });
    if let Some(target) = kind.target() {
        field["targetClass"] = target.into();
    }
    if let Some(options) = class.options.get(name) {
        if let Some(required) = options.required {
            field["required"] = required.into();
        }
        if let Some(value) = &options.default_value {
            field["defaultValue"] = value.clone();
        }
    }
    Some(field)
}

/// Operations that are not named are closed; a class without permissions is open.
fn encode_permissions(permissions: Option<&ClassPermissions>) -> Value {
    let everybody = json!({ "*": true });
    let Some(permissions) = permissions else {
        return json!({
            "ACL": { "*": { "read": true, "write": true } },
            "find": everybody, "count": everybody, "get": everybody, "create": everybody, "update": everybody,
            "delete": everybody, "addField": everybody, "protectedFields": { "*": [] },
        });
    };
    let mut shown = json!({
        "find": {}, "count": {}, "get": {}, "create": {}, "update": {}, "delete": {}, "addField": {},
        "protectedFields": {},
    });
    for (key, value) in permissions.as_map() {
        shown[key.as_str()] = value.clone();
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_class_without_permissions_is_shown_open_and_one_with_some_otherwise_closed() {
        let class = ClassSchema::new("A");
        let open = encode(&class, None);
        assert_eq!(open["classLevelPermissions"]["delete"], json!({"*": true}));
        assert_eq!(
            open["fields"].as_object().unwrap().keys().collect::<Vec<_>>(),
            defaults::COMMON
        );
        let some = ClassPermissions::new(json!({"find": {"*": true}}).as_object().cloned().unwrap());
        let shown = encode(&class, Some(&some));
        assert_eq!(shown["classLevelPermissions"]["find"], json!({"*": true}));
        assert_eq!(shown["classLevelPermissions"]["get"], json!({}));
    }
}
