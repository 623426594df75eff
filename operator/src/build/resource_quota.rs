//! What a tenant can use at most, whatever happens in its namespace.

use std::collections::BTreeMap;

use app_crd::names::TENANT;
use k8s_openapi::api::core::v1::{ResourceQuota, ResourceQuotaSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::child::{Child, Kind};
use super::common::Tenant;

/// All replicas, those of a rollout, and as many that a rollout has ended but that still finish their requests: pods count
/// until they have gone. And nothing that costs money outside.
pub fn resource_quota(tenant: &Tenant<'_>) -> Child {
    let pods = i64::from(2 * tenant.most_replicas() + tenant.surge());
    let engine = tenant.room();
    let hard = [
        ("pods", pods.to_string()),
        (
            "limits.cpu",
            format!("{}m", pods * i64::from(engine.cpu_millis())),
        ),
        (
            "limits.memory",
            format!("{}Mi", pods * i64::from(engine.memory_mib())),
        ),
        // One more than there is: a request that broke off, as when the operator died, may count until the cluster counts
        // anew, minutes later.
        ("services", "2".to_owned()),
        ("services.loadbalancers", "0".to_owned()),
        ("services.nodeports", "0".to_owned()),
        ("persistentvolumeclaims", "0".to_owned()),
        ("secrets", "10".to_owned()),
        ("configmaps", "10".to_owned()),
    ];
    let hard: BTreeMap<_, _> = hard
        .into_iter()
        .map(|(name, most)| (name.to_owned(), Quantity(most)))
        .collect();
    let quota = ResourceQuota {
        metadata: tenant.metadata(TENANT),
        spec: Some(ResourceQuotaSpec {
            hard: Some(hard),
            ..ResourceQuotaSpec::default()
        }),
        status: None,
    };
    Child::namespaced(Kind::ResourceQuota, tenant.name, TENANT, quota)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn a_quota_with_room_for_a_rollout() {
        insta::assert_yaml_snapshot!(resource_quota(&fixture().tenant()).body);
    }

    #[test]
    fn pods_that_are_ending_have_room_beside_a_whole_rollout() {
        let fixture = fixture().engine(app_crd::Engine::S).replicas(3, None);
        let hard = &resource_quota(&fixture.tenant()).body["spec"]["hard"];
        assert_eq!(
            (&hard["pods"], &hard["limits.cpu"], &hard["limits.memory"]),
            (&"7".into(), &"3500m".into(), &"3584Mi".into())
        );
    }

    #[test]
    fn an_app_that_gets_a_smaller_engine_keeps_the_room_of_the_larger() {
        let fixture = fixture().engine(app_crd::Engine::S).replicas(1, None);
        let mut tenant = fixture.tenant();
        tenant.largest = app_crd::Engine::Xl;
        let hard = &resource_quota(&tenant).body["spec"]["hard"];
        assert_eq!(
            (&hard["pods"], &hard["limits.cpu"]),
            (&"3".into(), &"12000m".into())
        );
    }
}
