//! An App as it is stored, valid or not.
//!
//! The watch must not end because somebody's spec does not parse (a newer schema, a field of a newer operator). So an
//! [`AppObject`] always parses, as long as it has a name, and carries the error instead of the spec.

use std::borrow::Cow;

use app_crd::names::{FINALIZER, annotation};
use app_crd::{App, AppSpec, AppStatus, Suspension, SuspensionReason};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One App of the control namespace.
#[derive(Clone, Debug)]
pub struct AppObject {
    pub metadata: ObjectMeta,
    /// The spec, or why it is none.
    pub spec: Result<AppSpec, String>,
    /// As far as they can be read, also of a spec that is none: an app can be suspended whatever else is wrong with it.
    hosts: Vec<String>,
    suspension: Option<SuspensionReason>,
    /// What the operator wrote last; empty if that cannot be read any more.
    pub status: AppStatus,
}

#[derive(Deserialize)]
struct Raw {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    status: Value,
}

impl<'de> Deserialize<'de> for AppObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Raw {
            mut metadata,
            spec,
            status,
        } = Raw::deserialize(deserializer)?;
        metadata.managed_fields = None;
        let suspension = suspension(&spec, &metadata);
        let hosts = serde_json::from_value(spec["hosts"].clone()).unwrap_or_default();
        let parsed = serde_json::from_value(spec).map_err(|error| error.to_string());
        Ok(Self {
            spec: parsed.map(|spec| AppSpec {
                suspended: suspension.map(|reason| Suspension { reason }),
                ..spec
            }),
            hosts,
            suspension,
            metadata,
            status: serde_json::from_value(status).unwrap_or_default(),
        })
    }
}

/// A suspension by people counts like one of the spec; the spec's own reason is the better one to give. A reason that this
/// operator does not know is told as that of the people, too.
fn suspension(spec: &Value, metadata: &ObjectMeta) -> Option<SuspensionReason> {
    if let Some(suspended) = spec.get("suspended").filter(|suspended| !suspended.is_null()) {
        let reason = serde_json::from_value(suspended["reason"].clone());
        return Some(reason.unwrap_or(SuspensionReason::OpsHold));
    }
    let annotations = metadata.annotations.as_ref();
    annotations
        .is_some_and(|all| all.contains_key(annotation::SUSPENDED_BY_OPS))
        .then_some(SuspensionReason::OpsHold)
}

impl Resource for AppObject {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind(dt: &()) -> Cow<'_, str> {
        App::kind(dt)
    }

    fn group(dt: &()) -> Cow<'_, str> {
        App::group(dt)
    }

    fn version(dt: &()) -> Cow<'_, str> {
        App::version(dt)
    }

    fn plural(dt: &()) -> Cow<'_, str> {
        App::plural(dt)
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl AppObject {
    /// The name of the App and of its tenant's namespace.
    pub fn name(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }

    /// The app's database and its user: `app_<bare id>`, as the name is `app-<bare id>`.
    pub fn database(&self) -> String {
        self.name().replacen('-', "_", 1)
    }

    pub fn uid(&self) -> &str {
        self.metadata.uid.as_deref().unwrap_or_default()
    }

    pub fn generation(&self) -> i64 {
        self.metadata.generation.unwrap_or_default()
    }

    pub fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    pub fn has_finalizer(&self) -> bool {
        self.metadata
            .finalizers
            .iter()
            .flatten()
            .any(|name| name == FINALIZER)
    }

    pub fn is_paused(&self) -> bool {
        self.annotation(annotation::RECONCILE) == Some(annotation::PAUSED)
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// The hosts that the spec asks for.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Why it must not serve; none while it may.
    pub fn suspension(&self) -> Option<SuspensionReason> {
        self.suspension
    }

    /// The spec as an App again, for the rules that need all of it.
    pub fn to_app(&self) -> Option<App> {
        let spec = self.spec.as_ref().ok()?.clone();
        Some(App {
            metadata: self.metadata.clone(),
            spec,
            status: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_hold_by_operations_suspends_and_leaves_the_specs_own_reason() {
        let app = |suspended: Value, annotations: Value| -> AppObject {
            let spec = json!({
                "appId": "app_01jd4y0w7qk3v5x8z9a2b4c6de", "region": "eu", "runtimeVersion": "1", "suspended": suspended,
            });
            serde_json::from_value(
                json!({ "metadata": { "name": "a", "annotations": annotations }, "spec": spec }),
            )
            .unwrap()
        };
        let reason = |app: AppObject| {
            let reason = app.suspension();
            assert_eq!(
                app.spec.unwrap().suspended.map(|suspended| suspended.reason),
                reason
            );
            reason
        };
        let hold = || json!({ annotation::SUSPENDED_BY_OPS: "phishing" });
        assert_eq!(reason(app(Value::Null, json!({}))), None);
        assert_eq!(reason(app(Value::Null, hold())), Some(SuspensionReason::OpsHold));
        let unpaid = json!({ "reason": "PaymentOverdue" });
        assert_eq!(
            reason(app(unpaid, hold())),
            Some(SuspensionReason::PaymentOverdue)
        );
    }

    #[test]
    fn a_spec_that_cannot_be_read_still_says_that_the_app_is_suspended_and_where() {
        let app = |suspended: Value| -> AppObject {
            let spec = json!({ "engine": "quantum", "hosts": ["a.example"], "suspended": suspended });
            serde_json::from_value(json!({ "metadata": { "name": "a" }, "spec": spec })).unwrap()
        };
        let held = app(json!({ "reason": "AbuseHold" }));
        assert!(held.spec.is_err());
        assert_eq!(held.hosts(), ["a.example"]);
        assert_eq!(held.suspension(), Some(SuspensionReason::AbuseHold));
        let newer = app(json!({ "reason": "OfAnotherCentury" }));
        assert_eq!(newer.suspension(), Some(SuspensionReason::OpsHold));
        assert_eq!(app(Value::Null).suspension(), None);
    }

    #[test]
    fn an_app_whose_spec_is_not_known_still_has_a_name_and_a_status() {
        let app: AppObject = serde_json::from_value(json!({
            "metadata": { "name": "app-1", "finalizers": [FINALIZER] },
            "spec": { "engine": "quantum" },
            "status": { "database": { "cluster": "main", "name": "app_1" } },
        }))
        .unwrap();
        assert_eq!((app.name(), app.database().as_str()), ("app-1", "app_1"));
        assert!(app.has_finalizer());
        assert!(app.spec.is_err());
        assert_eq!(app.status.database.unwrap().cluster, "main");
    }
}
