//! Whether an object still is what we applied, read off its metadata alone.
//!
//! The API server records which fields each manager set. Whoever changes or removes one of ours takes it out of our
//! record; fields that we do not set (an autoscaler's replicas, a status) never show in it.

use std::hash::{DefaultHasher, Hash, Hasher};

use app_crd::names::FIELD_MANAGER;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Equal as long as all we applied is as we applied it. Zero when nothing of it is left.
pub fn fingerprint(metadata: &ObjectMeta) -> u64 {
    let ours = metadata.managed_fields.iter().flatten().find(|entry| {
        entry.manager.as_deref() == Some(FIELD_MANAGER)
            && entry.operation.as_deref() == Some("Apply")
            && entry.subresource.as_deref().unwrap_or_default().is_empty()
    });
    let Some(fields) = ours.and_then(|entry| entry.fields_v1.as_ref()) else {
        return 0;
    };
    let mut hasher = DefaultHasher::new();
    fields.0.to_string().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn metadata(entries: Value) -> ObjectMeta {
        serde_json::from_value(json!({ "managedFields": entries })).unwrap()
    }

    fn entry(manager: &str, fields: Value) -> Value {
        json!({ "manager": manager, "operation": "Apply", "time": "2026-01-01T00:00:00Z", "fieldsV1": fields })
    }

    #[test]
    fn what_others_set_does_not_count() {
        let ours = entry(FIELD_MANAGER, json!({ "f:spec": { "f:type": {} } }));
        let alone = fingerprint(&metadata(json!([ours])));
        let theirs = entry("kubectl", json!({ "f:spec": { "f:replicas": {} } }));
        assert_eq!(fingerprint(&metadata(json!([theirs, ours]))), alone);
        assert_ne!(alone, 0);
    }

    #[test]
    fn a_field_that_was_taken_from_us_shows() {
        let before = entry(
            FIELD_MANAGER,
            json!({ "f:spec": { "f:type": {}, "f:ports": {} } }),
        );
        let after = entry(FIELD_MANAGER, json!({ "f:spec": { "f:type": {} } }));
        assert_ne!(
            fingerprint(&metadata(json!([before]))),
            fingerprint(&metadata(json!([after])))
        );
        assert_eq!(fingerprint(&metadata(json!([]))), 0);
    }
}
