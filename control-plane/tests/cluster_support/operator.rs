//! What the operator would do to an `App`, done by the test at the moment it wants.

use app_crd::{App, condition, names};
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

/// Writes statuses and finalizers.
pub struct Operator {
    apps: Api<App>,
}

impl Operator {
    pub fn new(apps: Api<App>) -> Self {
        Self { apps }
    }

    /// Reports on the present generation of the app, with these conditions.
    pub async fn report(&self, name: &str, conditions: &[(&str, &str, &str)]) {
        let generation = self.apps.get(name).await.unwrap().metadata.generation;
        let conditions: Vec<Value> = conditions
            .iter()
            .map(|(kind, status, reason)| {
                json!({
                    "type": kind, "status": status, "reason": reason, "message": "For people with kubectl.",
                    "observedGeneration": generation, "lastTransitionTime": "2027-03-10T12:00:00Z",
                })
            })
            .collect();
        let status = json!({ "status": { "observedGeneration": generation, "conditions": conditions } });
        let patched = self
            .apps
            .patch_status(name, &PatchParams::default(), &Patch::Merge(&status))
            .await;
        patched.unwrap();
    }

    /// It serves, as the spec wants it.
    pub async fn serves(&self, name: &str) {
        self.report(
            name,
            &[
                (condition::READY, "True", "Serving"),
                (condition::SUSPENDED, "False", "Running"),
            ],
        )
        .await;
    }

    /// It is suspended, as the spec wants it.
    pub async fn is_suspended(&self, name: &str) {
        self.report(
            name,
            &[
                (condition::READY, "False", "Suspended"),
                (condition::SUSPENDED, "True", "UserRequested"),
            ],
        )
        .await;
    }

    /// Holds the app back when it is deleted, until the teardown is over.
    pub async fn holds_back(&self, name: &str) {
        self.finalizers(name, json!([names::FINALIZER])).await;
    }

    /// The teardown is over.
    pub async fn lets_go(&self, name: &str) {
        self.finalizers(name, json!([])).await;
    }

    async fn finalizers(&self, name: &str, finalizers: Value) {
        let patch = json!({ "metadata": { "finalizers": finalizers } });
        let patched = self
            .apps
            .patch(name, &PatchParams::default(), &Patch::Merge(&patch))
            .await;
        patched.unwrap();
    }
}
