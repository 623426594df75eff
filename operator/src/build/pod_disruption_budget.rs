//! Nodes are drained one replica of an app at a time.

use app_crd::names::RUNTIME;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::child::{Child, Kind};
use super::common::Tenant;

/// None for an app with a single replica, which would keep its node from ever being drained.
pub fn pod_disruption_budget(tenant: &Tenant<'_>) -> Option<Child> {
    if tenant.suspended() || tenant.spec.replicas.min < 2 {
        return None;
    }
    let budget = PodDisruptionBudget {
        metadata: tenant.metadata(RUNTIME),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(tenant.pod_selector()),
            unhealthy_pod_eviction_policy: Some("AlwaysAllow".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        status: None,
    };
    Some(Child::namespaced(
        Kind::PodDisruptionBudget,
        tenant.name,
        RUNTIME,
        budget,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn one_replica_goes_at_a_time() {
        insta::assert_yaml_snapshot!(pod_disruption_budget(&fixture().tenant()).unwrap().body);
    }

    #[test]
    fn a_single_replica_does_not_keep_its_node() {
        assert!(pod_disruption_budget(&fixture().replicas(1, Some(4)).tenant()).is_none());
        assert!(pod_disruption_budget(&fixture().suspended().tenant()).is_none());
    }
}
