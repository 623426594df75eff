//! The difference between two objects, one line a field.

use serde_json::Value;

/// What the API server changes by itself at every write.
const OF_THE_SERVER: [&str; 5] = [
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.generation",
    "metadata.uid",
    "status",
];

/// The fields in which `after` differs from `before`, such as `spec.replicas: 2 → 3`, in their order.
pub fn between(before: &Value, after: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    walk("", Some(before), Some(after), &mut lines);
    lines
}

fn walk(path: &str, before: Option<&Value>, after: Option<&Value>, lines: &mut Vec<String>) {
    if before == after || OF_THE_SERVER.contains(&path) {
        return;
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for key in old.keys() {
                walk(&join(path, key), old.get(key), new.get(key), lines);
            }
            for key in new.keys().filter(|key| !old.contains_key(*key)) {
                walk(&join(path, key), None, new.get(key), lines);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for index in 0..old.len().max(new.len()) {
                walk(&format!("{path}[{index}]"), old.get(index), new.get(index), lines);
            }
        }
        (None, Some(new)) => lines.push(format!("+ {path}: {new}")),
        (Some(old), None) => lines.push(format!("- {path}: {old}")),
        (Some(old), Some(new)) => lines.push(format!("~ {path}: {old} → {new}")),
        (None, None) => {}
    }
}

/// Keys with dots, such as those of labels, are put in brackets.
fn join(path: &str, key: &str) -> String {
    let plain = !key.contains(['.', '/']);
    match (path, plain) {
        ("", _) => key.to_owned(),
        (_, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[{key}]"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_change_is_one_line() {
        let before = json!({
            "metadata": {"labels": {"a.b/c": "1"}, "resourceVersion": "1"},
            "spec": {"replicas": 2, "ports": [{"port": 80}], "paused": true}, "status": {"x": 1},
        });
        let after = json!({
            "metadata": {"labels": {"a.b/c": "2"}, "resourceVersion": "2"},
            "spec": {"replicas": 3, "ports": [{"port": 80}, {"port": 81}]}, "status": {"x": 2},
        });
        let expected = [
            r#"~ metadata.labels[a.b/c]: "1" → "2""#,
            "~ spec.replicas: 2 → 3",
            r#"+ spec.ports[1]: {"port":81}"#,
            "- spec.paused: true",
        ];
        assert_eq!(between(&before, &after), expected);
    }

    #[test]
    fn what_only_the_server_writes_is_no_change() {
        let before = json!({"metadata": {"generation": 1, "managedFields": []}, "status": {}});
        let after = json!({"metadata": {"generation": 2, "managedFields": [1]}});
        assert_eq!(between(&before, &after), Vec::<String>::new());
    }
}
