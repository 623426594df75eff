//! More replicas under load, for an app with a range of them.

use app_crd::names::RUNTIME;
use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerBehavior,
    HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget, ResourceMetricSource,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::child::{Child, Kind};
use super::common::Tenant;

/// Seconds a lower load must last before replicas go.
const SCALE_DOWN_AFTER: i32 = 300;

/// None for an app whose replicas are fixed, and for a suspended one.
pub fn horizontal_pod_autoscaler(tenant: &Tenant<'_>) -> Option<Child> {
    if !tenant.autoscaled() {
        return None;
    }
    let autoscaler = HorizontalPodAutoscaler {
        metadata: tenant.metadata(RUNTIME),
        spec: Some(HorizontalPodAutoscalerSpec {
            scale_target_ref: CrossVersionObjectReference {
                api_version: Some("apps/v1".to_owned()),
                kind: "Deployment".to_owned(),
                name: RUNTIME.to_owned(),
            },
            min_replicas: Some(tenant.spec.replicas.min),
            max_replicas: tenant.most_replicas(),
            metrics: Some(vec![cpu(tenant)]),
            behavior: Some(HorizontalPodAutoscalerBehavior {
                scale_down: Some(HPAScalingRules {
                    stabilization_window_seconds: Some(SCALE_DOWN_AFTER),
                    ..HPAScalingRules::default()
                }),
                scale_up: None,
            }),
        }),
        status: None,
    };
    Some(Child::namespaced(
        Kind::HorizontalPodAutoscaler,
        tenant.name,
        RUNTIME,
        autoscaler,
    ))
}

/// An amount, not a share: a share would be of the request, which is less than the engine.
fn cpu(tenant: &Tenant<'_>) -> MetricSpec {
    let millis = tenant.engine().cpu_millis() * tenant.config.workload.target_cpu_percent / 100;
    MetricSpec {
        type_: "Resource".to_owned(),
        resource: Some(ResourceMetricSource {
            name: "cpu".to_owned(),
            target: MetricTarget {
                type_: "AverageValue".to_owned(),
                average_value: Some(Quantity(format!("{millis}m"))),
                ..MetricTarget::default()
            },
        }),
        ..MetricSpec::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn replicas_follow_the_load() {
        insta::assert_yaml_snapshot!(
            horizontal_pod_autoscaler(&fixture().replicas(2, Some(6)).tenant())
                .unwrap()
                .body
        );
    }

    #[test]
    fn only_an_app_with_a_range_has_one() {
        for fixture in [
            fixture().replicas(2, None),
            fixture().replicas(2, Some(2)),
            fixture().replicas(2, Some(6)).suspended(),
        ] {
            assert!(horizontal_pod_autoscaler(&fixture.tenant()).is_none());
        }
    }
}
