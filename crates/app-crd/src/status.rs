//! What the operator reports about an app.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
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

    /// What [`READY`] is computed from.
    pub const READY_NEEDS: [&str; 5] = [
        NAMESPACE_READY,
        SECRETS_READY,
        DATABASE_READY,
        WORKLOAD_AVAILABLE,
        ROUTE_READY,
    ];
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
}
