//! JSON Merge Patch (RFC 7396). Pure.

use serde_json::{Map, Value};

/// The document after the patch: null removes a member, an object changes one, anything else replaces it.
pub fn merge_patch(document: &Map<String, Value>, patch: Map<String, Value>) -> Map<String, Value> {
    let mut merged = document.clone();
    for (name, change) in patch {
        match change {
            Value::Null => drop(merged.remove(&name)),
            Value::Object(change) => {
                let empty = Map::new();
                let present = merged.get(&name).and_then(Value::as_object).unwrap_or(&empty);
                let member = merge_patch(present, change);
                merged.insert(name, member.into());
            }
            other => drop(merged.insert(name, other)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_does_as_the_examples_of_the_rfc() {
        for (document, patch, merged) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        ] {
            let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
            assert_eq!(
                merge_patch(&object(&document), object(&patch)),
                object(&merged),
                "{patch}"
            );
        }
    }
}
