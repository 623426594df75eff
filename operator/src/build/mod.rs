//! From a validated App to the objects of its tenant: values in, values out. No client, no clock, no randomness.
//!
//! One file for each Kubernetes kind. `apply` sends what is built here, stage by stage, and removes what is not built any more.

mod child;
mod common;
mod deployment;
mod horizontal_pod_autoscaler;
mod ingress;
mod limit_range;
mod namespace;
mod network_policy;
mod pod;
mod pod_disruption_budget;
mod resource_quota;
mod secret;
mod service;
mod service_account;
pub mod settings;

pub use child::{Child, ChildId, Kind, Stage};
#[cfg(test)]
pub use common::fixture::{Fixture, fixture};
pub use common::{ENGINE_LABEL, Placement, Route, Tenant};
#[cfg(test)]
mod restricted;
pub use ingress::{ingress, ingress_id};
pub use namespace::namespace;
pub use secret::database_secret;

use crate::config::Config;

/// What keeps a tenant apart from others and takes nothing of its spec. Without the name of the database cluster nothing is
/// opened.
pub fn fences(app: &str, config: &Config, cluster: Option<&str>) -> Vec<Child> {
    let mut fences = vec![
        service_account::service_account(app, config),
        network_policy::default_deny(app, config),
    ];
    fences.extend(cluster.map(|cluster| network_policy::runtime(app, config, cluster)));
    fences
}

/// Everything a tenant consists of, except its namespace and the Secret with its password, which are made once and then kept.
pub fn tenant(tenant: &Tenant<'_>) -> Vec<Child> {
    let mut children = fences(tenant.name, tenant.config, Some(tenant.cluster));
    children.extend([
        resource_quota::resource_quota(tenant),
        limit_range::limit_range(tenant),
        secret::runtime_secret(tenant),
        service::service(tenant),
        deployment::deployment(tenant),
    ]);
    children.extend(horizontal_pod_autoscaler::horizontal_pod_autoscaler(tenant));
    children.extend(pod_disruption_budget::pod_disruption_budget(tenant));
    children.extend(ingress(tenant.name, tenant.config, tenant.hosts, tenant.route));
    children
}

/// Whether an object of this name is made for some App, so that one without our labels is ours that lost them.
pub fn is_named_like_ours(id: &ChildId) -> bool {
    id.name == app_crd::names::RUNTIME
        || (id.kind == Kind::NetworkPolicy && id.name == network_policy::DEFAULT_DENY)
}
