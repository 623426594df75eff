//! What the operator reports about an app.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Types of the conditions of an app. All of them are set from the operator's first visit on, if need be as `Unknown`.
pub mod condition {
    /// The summary: the app serves requests. True only when every condition below up to [`ROUTE_READY`] is.
    pub const READY: &str = "Ready";
    /// The tenant's namespace exists, with its policies and quota.
    pub const NAMESPACE_READY: &str = "NamespaceReady";
    /// The app's keys and passwords are in the namespace.
    pub const SECRETS_READY: &str = "SecretsReady";
    /// The database user exists and can reach its database.
    pub const DATABASE_READY: &str = "DatabaseReady";
    /// Enough replicas answer.
    pub const WORKLOAD_AVAILABLE: &str = "WorkloadAvailable";
    /// The hosts lead to the replicas.
    pub const ROUTE_READY: &str = "RouteReady";
    /// The app is suspended; the reason is the spec's.
    pub const SUSPENDED: &str = "Suspended";
    /// A change is on its way.
    pub const PROGRESSING: &str = "Progressing";
    /// The app serves, but something needs a person.
    pub const DEGRADED: &str = "Degraded";
    /// The operator leaves the tenant as it is, because the App asks for it.
    pub const RECONCILIATION_PAUSED: &str = "ReconciliationPaused";

    /// What [`READY`] is computed from.
    pub const READY_NEEDS: [&str; 5] = [
        NAMESPACE_READY,
        SECRETS_READY,
        DATABASE_READY,
        WORKLOAD_AVAILABLE,
        ROUTE_READY,
    ];

    /// Whether a condition with this reason will come true by itself, soon: an ordinary wait and no problem.
    #[must_use]
    pub fn is_waiting(reason: &str) -> bool {
        matches!(
            reason,
            "Waiting" | "Starting" | "Suspending" | "Suspended" | "Deleting" | "NamespaceTerminating"
        )
    }
}

// Absent values are left out, never null: the scale subresource refuses a null selector.
/// What the operator made of the spec.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppStatus {
    /// What is true of the app now, one entry for each type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,

    /// The generation of the spec that this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// Where SDKs reach the app; ends in `/parse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,

    /// The tenant's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,

    /// The runtime release that all replicas run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,

    /// Replicas that exist.
    #[serde(default)]
    pub replicas: i32,

    /// Replicas that answer.
    #[serde(default)]
    pub ready_replicas: i32,

    /// Label selector of the replicas, for autoscalers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,

    /// Where the app's data are. Chosen once, and kept for the life of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "DatabaseStatus")]
    pub database: Option<DatabaseStatus>,

    /// What is done of the removal of a deleted app, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["step".into()]))]
    pub teardown: Vec<TeardownStepStatus>,
}

/// The place of an app's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseStatus {
    /// The database cluster, by its name in the operator's settings.
    pub cluster: String,
    /// Name of the database and of its only user.
    pub name: String,
}

/// One step of a removal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeardownStepStatus {
    pub step: TeardownStep,
    /// When the operator first tried.
    pub started_at: Time,
    /// When nothing was left to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Time")]
    pub done_at: Option<Time>,
}

/// The steps of a removal, in their order: first nobody can reach the app, then it stops, then its data go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TeardownStep {
    /// The hosts lead nowhere.
    Route,
    /// No process runs.
    Workload,
    /// The database user is dropped, then the database.
    Database,
    /// The namespace is asked to go.
    Namespace,
    /// The namespace has gone, and with it every object of the tenant.
    Gone,
}
