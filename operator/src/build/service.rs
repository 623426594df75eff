//! The one address of the tenant inside the cluster.

use app_crd::names::RUNTIME;
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::child::{Child, Kind};
use super::common::Tenant;
use super::pod::PORT_NAME;

/// The port of the Service.
pub const SERVICE_PORT: i32 = 80;

pub fn service(tenant: &Tenant<'_>) -> Child {
    let service = Service {
        metadata: tenant.metadata(RUNTIME),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(tenant.pod_labels()),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.to_owned()),
                port: SERVICE_PORT,
                protocol: Some("TCP".to_owned()),
                target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        status: None,
    };
    Child::namespaced(Kind::Service, tenant.name, RUNTIME, service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn a_service_inside_the_cluster_only() {
        insta::assert_yaml_snapshot!(service(&fixture().tenant()).body);
    }
}
