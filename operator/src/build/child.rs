//! One built object, and the name it is known by.

use kube::api::ApiResource;
use kube::core::GroupVersionKind;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The kinds of objects that a tenant has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Namespace,
    ServiceAccount,
    NetworkPolicy,
    ResourceQuota,
    LimitRange,
    Secret,
    Service,
    Deployment,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
    Ingress,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 11] = [
        Kind::Namespace,
        Kind::ServiceAccount,
        Kind::NetworkPolicy,
        Kind::ResourceQuota,
        Kind::LimitRange,
        Kind::Secret,
        Kind::Service,
        Kind::Deployment,
        Kind::HorizontalPodAutoscaler,
        Kind::PodDisruptionBudget,
        Kind::Ingress,
    ];

    /// Name of the kind, as in a manifest.
    pub const fn name(self) -> &'static str {
        self.names().2
    }

    /// How the API server calls it.
    pub fn resource(self) -> ApiResource {
        let (group, version, kind, plural) = self.names();
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural)
    }

    const fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Kind::Namespace => ("", "v1", "Namespace", "namespaces"),
            Kind::ServiceAccount => ("", "v1", "ServiceAccount", "serviceaccounts"),
            Kind::NetworkPolicy => ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
            Kind::ResourceQuota => ("", "v1", "ResourceQuota", "resourcequotas"),
            Kind::LimitRange => ("", "v1", "LimitRange", "limitranges"),
            Kind::Secret => ("", "v1", "Secret", "secrets"),
            Kind::Service => ("", "v1", "Service", "services"),
            Kind::Deployment => ("apps", "v1", "Deployment", "deployments"),
            Kind::HorizontalPodAutoscaler => (
                "autoscaling",
                "v2",
                "HorizontalPodAutoscaler",
                "horizontalpodautoscalers",
            ),
            Kind::PodDisruptionBudget => ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
            Kind::Ingress => ("networking.k8s.io", "v1", "Ingress", "ingresses"),
        }
    }

    /// When in a reconcile objects of this kind are applied.
    pub const fn stage(self) -> Stage {
        match self {
            Kind::Namespace => Stage::Namespace,
            Kind::ServiceAccount | Kind::NetworkPolicy | Kind::ResourceQuota | Kind::LimitRange => {
                Stage::Policies
            }
            Kind::Secret => Stage::Secrets,
            Kind::Service | Kind::Deployment | Kind::HorizontalPodAutoscaler | Kind::PodDisruptionBudget => {
                Stage::Workload
            }
            Kind::Ingress => Stage::Route,
        }
    }
}

/// The order of a reconcile: no pod runs before its fences stand, and no host leads to what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Namespace,
    Policies,
    Secrets,
    Workload,
    Route,
}

/// Which object: unique in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChildId {
    pub kind: Kind,
    /// None for a Namespace.
    pub namespace: Option<String>,
    pub name: String,
}

/// One object as it should be.
#[derive(Clone, Debug)]
pub struct Child {
    pub id: ChildId,
    /// The manifest.
    pub body: Value,
    /// Two manifests with the same hash are the same.
    pub hash: [u8; 32],
}

impl Child {
    /// An object in a namespace.
    pub fn namespaced(kind: Kind, namespace: &str, name: &str, object: impl Serialize) -> Self {
        let (namespace, name) = (Some(namespace.to_owned()), name.to_owned());
        Self::new(
            ChildId {
                kind,
                namespace,
                name,
            },
            object,
        )
    }

    pub(super) fn new(id: ChildId, object: impl Serialize) -> Self {
        // Kubernetes' own types always have a JSON form; a failure would be a bug in them.
        let body = serde_json::to_value(object).unwrap_or_default();
        let hash = Sha256::digest(body.to_string()).into();
        Self { id, body, hash }
    }
}
