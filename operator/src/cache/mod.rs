//! What the operator knows of the cluster without asking: kept by watches, read by reconciles.
//!
//! A watch tells the cache, the cache says which App that concerns, if anything about it has changed, and the controller
//! looks at that App again. So at rest no request is made, and a change of any object of a tenant is noticed.

mod children;
mod fingerprint;
mod passwords;
mod sources;
mod strangers;
mod workloads;

pub use children::{Change, Children, id_of};
pub use passwords::Passwords;
pub use sources::Sources;
pub use strangers::Strangers;
pub use workloads::{DeploymentFacts, Workload, Workloads};
#[cfg(test)]
pub use workloads::{PodFacts, PodProblem};

use app_crd::names::label;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Everything that is known.
#[derive(Debug, Default)]
pub struct Cache {
    pub children: Children,
    pub workloads: Workloads,
    pub passwords: Passwords,
    pub sources: Sources,
    pub strangers: Strangers,
}

/// The App that an object belongs to, by its label.
pub fn app_of(metadata: &ObjectMeta) -> Option<&str> {
    metadata.labels.as_ref()?.get(label::APP).map(String::as_str)
}

/// The version of an object as a number, so that old news can be told from new.
pub fn version_of(metadata: &ObjectMeta) -> u64 {
    metadata
        .resource_version
        .as_deref()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}
