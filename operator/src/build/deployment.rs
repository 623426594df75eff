//! The replicas of the runtime, and how a new version takes the place of an old one without a failed request.

use app_crd::names::RUNTIME;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::child::{Child, Kind};
use super::common::Tenant;
use super::pod;

/// Old ReplicaSets that are kept to look at.
const HISTORY: i32 = 3;

pub fn deployment(tenant: &Tenant<'_>) -> Child {
    let deployment = Deployment {
        metadata: tenant.metadata(RUNTIME),
        spec: Some(DeploymentSpec {
            replicas: replicas(tenant),
            revision_history_limit: Some(HISTORY),
            progress_deadline_seconds: i32::try_from(tenant.config.workload.progress_deadline_seconds).ok(),
            selector: tenant.pod_selector(),
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_unavailable: Some(IntOrString::Int(0)),
                    max_surge: Some(IntOrString::Int(tenant.surge())),
                }),
            }),
            template: pod::template(tenant),
            ..DeploymentSpec::default()
        }),
        status: None,
    };
    Child::namespaced(Kind::Deployment, tenant.name, RUNTIME, deployment)
}

/// Left out when the autoscaler decides: a value here would be forced back at every apply.
fn replicas(tenant: &Tenant<'_>) -> Option<i32> {
    if tenant.suspended() {
        Some(0)
    } else if tenant.autoscaled() {
        None
    } else {
        Some(tenant.spec.replicas.min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn replicas_of_the_runtime() {
        insta::assert_yaml_snapshot!(deployment(&fixture().tenant()).body);
    }

    #[test]
    fn the_autoscaler_alone_sets_the_replicas_it_watches_over() {
        let replicas =
            |fixture: crate::build::Fixture| deployment(&fixture.tenant()).body["spec"]["replicas"].clone();
        assert_eq!(replicas(fixture().replicas(2, Some(6))), serde_json::Value::Null);
        assert_eq!(replicas(fixture().replicas(3, None)), 3);
        assert_eq!(replicas(fixture().replicas(2, Some(6)).suspended()), 0);
    }

    #[test]
    fn a_restart_changes_the_template_and_nothing_else() {
        let before = deployment(&fixture().tenant());
        let mut fixture = fixture();
        fixture.restarted_at = Some("2026-01-01T00:00:00Z".to_owned());
        let mut after = deployment(&fixture.tenant());
        let annotations = after
            .body
            .pointer_mut("/spec/template/metadata/annotations")
            .unwrap();
        assert_eq!(
            annotations["apps.slipway.dev/restarted-at"],
            "2026-01-01T00:00:00Z"
        );
        annotations
            .as_object_mut()
            .unwrap()
            .shift_remove("apps.slipway.dev/restarted-at");
        assert_eq!(after.body, before.body);
    }
}
