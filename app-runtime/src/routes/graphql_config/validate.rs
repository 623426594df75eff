//! The form of a GraphQL config. Null counts as absent, everywhere.

use serde_json::{Map, Value};

type Check = Result<(), String>;

/// `enabledForClasses`, `disabledForClasses`, `classConfigs`.
pub fn config(config: &Map<String, Value>) -> Check {
    known(
        config,
        &["enabledForClasses", "disabledForClasses", "classConfigs"],
        "it",
    )?;
    texts(config, "enabledForClasses", "")?;
    texts(config, "disabledForClasses", "")?;
    let classes = match present(config, "classConfigs") {
        None => return Ok(()),
        Some(Value::Array(classes)) => classes,
        Some(_) => return Err("\"classConfigs\" is not a valid array".to_owned()),
    };
    classes.iter().try_for_each(|class| {
        let name = class.get("className").and_then(Value::as_str).unwrap_or_default();
        of_class(class).map_err(|reason| format!("classConfig:{name} is invalid because {reason}"))
    })
}

fn of_class(class: &Value) -> Check {
    let class = class.as_object().ok_or("it must be a valid object")?;
    known(class, &["className", "type", "query", "mutation"], "it")?;
    let name = class.get("className").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err("\"className\" must be a valid string".to_owned());
    }
    if let Some(shape) = part(class, "type")? {
        of_type(shape, name)?;
    }
    let operations: [(&str, &[&str]); 2] = [
        ("query", &["find", "get"]),
        ("mutation", &["create", "update", "destroy"]),
    ];
    for (part_name, operations) in operations {
        if let Some(switches) = part(class, part_name)? {
            of_operations(switches, part_name, operations)?;
        }
    }
    Ok(())
}

fn of_type(shape: &Map<String, Value>, class: &str) -> Check {
    let parts = ["inputFields", "outputFields", "constraintFields", "sortFields"];
    known(shape, &parts, "\"type\"")?;
    texts(shape, "outputFields", "")?;
    texts(shape, "constraintFields", "")?;
    if let Some(input) = part(shape, "inputFields")? {
        known(input, &["create", "update"], "\"inputFields\"")?;
        texts(input, "create", "inputFields.")?;
        texts(input, "update", "inputFields.")?;
        let creates = |field: &str| match present(input, "create") {
            Some(Value::Array(fields)) => fields.iter().any(|name| name == field),
            _ => true,
        };
        if class == "_User" && !(creates("username") && creates("password")) {
            let reason = "\"inputFields.create\" must include required fields, username and password";
            return Err(reason.to_owned());
        }
    }
    match present(shape, "sortFields") {
        None => Ok(()),
        Some(Value::Array(fields)) => fields.iter().enumerate().try_for_each(|(position, field)| {
            of_sort_field(field).map_err(|reason| format!("\"sortField\" at index {position} {reason}"))
        }),
        Some(_) => Err("\"sortFields\" must be a valid array.".to_owned()),
    }
}

fn of_sort_field(field: &Value) -> Check {
    let field = field.as_object().ok_or("is not a valid object")?;
    known(field, &["field", "asc", "desc"], "it")?;
    let name = field.get("field").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err("did not provide the \"field\" as a string".to_owned());
    }
    match (field.get("asc"), field.get("desc")) {
        (Some(Value::Bool(_)), Some(Value::Bool(_))) => Ok(()),
        _ => Err("did not provide \"asc\" or \"desc\" as booleans".to_owned()),
    }
}

/// Switches by operation, and by the operation with `Alias` behind it another name for it.
fn of_operations(switches: &Map<String, Value>, part: &str, operations: &[&str]) -> Check {
    for (name, value) in switches.iter().filter(|(_, value)| !value.is_null()) {
        let operation = name.strip_suffix("Alias").unwrap_or(name);
        if !operations.contains(&operation) {
            return Err(format!("\"{part}\" contains invalid keys, [{name}]"));
        }
        let (fits, kind) = match operation == name {
            true => (value.is_boolean(), "boolean"),
            false => (value.is_string(), "string"),
        };
        if !fits {
            return Err(format!("\"{part}.{name}\" must be a {kind}"));
        }
    }
    Ok(())
}

fn present<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name).filter(|value| !value.is_null())
}

fn part<'v>(map: &'v Map<String, Value>, name: &str) -> Result<Option<&'v Map<String, Value>>, String> {
    match present(map, name) {
        None => Ok(None),
        Some(Value::Object(part)) => Ok(Some(part)),
        Some(_) => Err(format!("\"{name}\" must be a valid object")),
    }
}

fn texts(map: &Map<String, Value>, name: &str, within: &str) -> Check {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    match present(map, name) {
        None => Ok(()),
        Some(Value::Array(items)) if items.iter().all(is_text) => Ok(()),
        Some(_) => Err(format!("\"{within}{name}\" must be a valid string array")),
    }
}

fn known(map: &Map<String, Value>, names: &[&str], what: &str) -> Check {
    match map.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(format!("{what} contains invalid keys, [{name}]")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: &Value) -> Check {
        config(value.as_object().unwrap())
    }

    #[test]
    fn what_parse_server_takes_is_taken() {
        for good in [
            json!({}),
            json!({"enabledForClasses": ["A"], "disabledForClasses": null}),
            json!({"classConfigs": [{"className": "A", "query": {"find": false, "getAlias": "one"},
                "mutation": {"create": true, "destroyAlias": "drop"}}]}),
            json!({"classConfigs": [{"className": "_User", "type": {"inputFields": {"create": ["username", "password"]},
                "outputFields": ["username"], "sortFields": [{"field": "username", "asc": true, "desc": false}]}}]}),
        ] {
            assert_eq!(check(&good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let class = |config: Value| json!({ "classConfigs": [config] });
        for (bad, part) in [
            (json!({"enabled": []}), "enabled"),
            (json!({"enabledForClasses": [""]}), "enabledForClasses"),
            (json!({"classConfigs": {}}), "classConfigs"),
            (class(json!(1)), "valid object"),
            (class(json!({"className": " "})), "className"),
            (
                class(json!({"className": "A", "query": {"find": 1}})),
                "query.find",
            ),
            (
                class(json!({"className": "A", "query": {"create": true}})),
                "query",
            ),
            (
                class(json!({"className": "A", "mutation": {"updateAlias": true}})),
                "mutation.updateAlias",
            ),
            (
                class(json!({"className": "A", "type": {"sortFields": [{"field": "x"}]}})),
                "index 0",
            ),
            (
                class(json!({"className": "_User", "type": {"inputFields": {"create": ["username"]}}})),
                "password",
            ),
        ] {
            let reason = check(&bad).unwrap_err();
            assert!(reason.contains(part), "{bad}: {reason}");
        }
    }
}
