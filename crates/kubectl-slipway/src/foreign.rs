//! What others have added to a tenant: fields of the operator's objects that somebody else owns, and objects that the
//! operator did not make. Pure.

use std::collections::HashSet;

use app_crd::names::{FIELD_MANAGER, SCALE_MANAGER};
use serde_json::Value;
use slipway_operator::build::{ChildId, Kind};

/// The fields of an object that only others have set, each with who it was; `status` is everybody's.
pub fn fields(object: &Value) -> Vec<String> {
    let entries = object
        .pointer("/metadata/managedFields")
        .and_then(Value::as_array);
    let entries: Vec<&Value> = entries.into_iter().flatten().collect();
    let ours: Vec<&Value> = entries
        .iter()
        .filter(|entry| is_ours(entry))
        .map(|entry| &entry["fieldsV1"])
        .collect();
    let mut lines = Vec::new();
    for entry in entries {
        // Controllers of Kubernetes write through subresources: status, and scale.
        if !is_ours(entry) && entry["subresource"].as_str().is_none_or(str::is_empty) {
            let by = entry["manager"].as_str().unwrap_or("somebody");
            let mut paths = Vec::new();
            walk("", &entry["fieldsV1"], &ours, &mut paths);
            lines.extend(paths.iter().map(|path| format!("+ {path} (by {by})")));
        }
    }
    lines
}

fn is_ours(entry: &Value) -> bool {
    entry["manager"] == FIELD_MANAGER || entry["manager"] == SCALE_MANAGER
}

/// Paths that are in `theirs` and in none of `ours`; of an item of a list that is not ours, the item alone.
fn walk(path: &str, theirs: &Value, ours: &[&Value], paths: &mut Vec<String>) {
    let Some(theirs) = theirs.as_object() else {
        return;
    };
    for (key, below) in theirs.iter().filter(|(key, _)| *key != ".") {
        let path = join(path, key);
        let mine: Vec<&Value> = ours.iter().filter_map(|fields| fields.get(key)).collect();
        let is_leaf = below
            .as_object()
            .is_none_or(|below| below.keys().all(|key| key == "."));
        let is_item = !key.starts_with("f:");
        if path == "status" {
            continue;
        }
        if !mine.is_empty() || !is_leaf && !is_item {
            walk(&path, below, &mine, paths);
        } else {
            paths.push(path);
        }
    }
}

/// `f:spec`, `k:{"name":"runtime"}` and `v:"finalizer"` as people write them.
fn join(path: &str, key: &str) -> String {
    let (kind, name) = key.split_once(':').unwrap_or(("", key));
    match kind {
        "f" if name.contains(['.', '/']) => format!("{path}[{name}]"),
        "f" if path.is_empty() => name.to_owned(),
        "f" => format!("{path}.{name}"),
        _ => format!("{path}[{name}]"),
    }
}

/// Whether an object of a tenant's namespace is neither wanted by the operator nor made by Kubernetes itself.
pub fn is_foreign(kind: &str, object: &Value, wanted: &HashSet<(&str, &str)>) -> bool {
    let name = name(object);
    let of_kubernetes = (kind, name) == (Kind::ServiceAccount.name(), "default");
    // Pods are made by their ReplicaSet; of everything else an owner proves nothing.
    let owned = kind == "Pod"
        && object
            .pointer("/metadata/ownerReferences")
            .and_then(Value::as_array)
            .is_some_and(|owners| !owners.is_empty());
    !of_kubernetes && !owned && !wanted.contains(&(kind, name))
}

/// Kinds and names of objects, to look others up in.
pub fn known<'a>(ids: impl Iterator<Item = &'a ChildId>) -> HashSet<(&'a str, &'a str)> {
    ids.map(|id| (id.kind.name(), id.name.as_str())).collect()
}

/// The name of an object.
pub fn name(object: &Value) -> &str {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    name.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(entries: Value) -> Value {
        json!({"metadata": {"managedFields": entries}})
    }

    #[test]
    fn what_only_others_have_set_is_listed_with_its_setter() {
        let runtime = r#"k:{"name":"runtime"}"#;
        let sidecar = r#"k:{"name":"sidecar"}"#;
        let debug = r#"k:{"name":"DEBUG"}"#;
        let found = fields(&object(json!([
            {"manager": FIELD_MANAGER, "fieldsV1": {"f:spec": {"f:replicas": {}, "f:containers": {runtime: {".": {}, "f:image": {}}}}}},
            {"manager": "kubectl-edit", "fieldsV1": {
                "f:metadata": {"f:annotations": {".": {}, "f:example.com/note": {}}},
                "f:spec": {"f:replicas": {}, "f:externalIPs": {}, "f:containers": {
                    runtime: {"f:image": {}, "f:env": {debug: {".": {}, "f:name": {}, "f:value": {}}}},
                    sidecar: {".": {}, "f:image": {}, "f:name": {}},
                }},
            }},
        ])));
        let mut expected = vec![
            "+ metadata.annotations[example.com/note] (by kubectl-edit)",
            "+ spec.externalIPs (by kubectl-edit)",
            r#"+ spec.containers[{"name":"runtime"}].env[{"name":"DEBUG"}] (by kubectl-edit)"#,
            r#"+ spec.containers[{"name":"sidecar"}] (by kubectl-edit)"#,
        ];
        let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_kubernetes_or_the_operator_for_an_autoscaler_writes_is_nobodys_addition() {
        let found = fields(&object(json!([
            {"manager": "kube-controller-manager", "subresource": "status", "fieldsV1": {"f:metadata": {"f:annotations": {"f:x": {}}}}},
            {"manager": SCALE_MANAGER, "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
            {"manager": "old-ingress-controller", "fieldsV1": {"f:status": {"f:loadBalancer": {}}}},
        ])));
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn an_object_is_foreign_when_nobody_known_wants_it() {
        let named = |name: &str| json!({"metadata": {"name": name}});
        let wanted = HashSet::from([("NetworkPolicy", "runtime")]);
        assert!(is_foreign("NetworkPolicy", &named("allow-all"), &wanted));
        assert!(!is_foreign("NetworkPolicy", &named("runtime"), &wanted));
        assert!(is_foreign("Service", &named("runtime"), &wanted));
        assert!(!is_foreign("ServiceAccount", &named("default"), &wanted));
        let owned = json!({"metadata": {"name": "runtime-1", "ownerReferences": [{"kind": "ReplicaSet"}]}});
        assert!(!is_foreign("Pod", &owned, &wanted) && is_foreign("Service", &owned, &wanted));
    }
}
