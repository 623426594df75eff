//! Where the app's hosts lead: to its pods, or, while it is suspended, to the operator's explanation.

use app_crd::names::{RUNTIME, suspended_ingress};
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::child::{Child, Kind};
use super::common::{Route, Tenant};
use super::service::SERVICE_PORT;

/// None for an app without hosts.
pub fn ingress(tenant: &Tenant<'_>) -> Option<Child> {
    if tenant.hosts.is_empty() {
        return None;
    }
    let (namespace, name, service) = match tenant.route {
        Route::Tenant => (tenant.name, RUNTIME.to_owned(), RUNTIME),
        Route::Suspended => (
            tenant.config.namespace.as_str(),
            suspended_ingress(tenant.name),
            tenant.config.ingress.suspended_service.as_str(),
        ),
    };
    let ingress = Ingress {
        metadata: metadata(tenant, namespace, &name),
        spec: Some(spec(tenant, service)),
        status: None,
    };
    Some(Child::namespaced(Kind::Ingress, namespace, &name, ingress))
}

fn metadata(tenant: &Tenant<'_>, namespace: &str, name: &str) -> ObjectMeta {
    let annotations = &tenant.config.ingress.annotations;
    ObjectMeta {
        namespace: Some(namespace.to_owned()),
        annotations: (!annotations.is_empty()).then(|| annotations.clone()),
        ..tenant.metadata(name)
    }
}

fn spec(tenant: &Tenant<'_>, service: &str) -> IngressSpec {
    let config = &tenant.config.ingress;
    IngressSpec {
        ingress_class_name: config.class_name.clone(),
        rules: Some(tenant.hosts.iter().map(|host| rule(host, service)).collect()),
        tls: config.tls.then(|| {
            vec![IngressTLS {
                hosts: Some(tenant.hosts.to_vec()),
                secret_name: config.tls_secret_name.clone(),
            }]
        }),
        ..IngressSpec::default()
    }
}

fn rule(host: &str, service: &str) -> IngressRule {
    IngressRule {
        host: Some(host.to_owned()),
        http: Some(HTTPIngressRuleValue {
            paths: vec![HTTPIngressPath {
                path: Some("/".to_owned()),
                path_type: "Prefix".to_owned(),
                backend: IngressBackend {
                    service: Some(IngressServiceBackend {
                        name: service.to_owned(),
                        port: Some(ServiceBackendPort {
                            number: Some(SERVICE_PORT),
                            name: None,
                        }),
                    }),
                    resource: None,
                },
            }],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn hosts_lead_to_the_service() {
        insta::assert_yaml_snapshot!(ingress(&fixture().tenant()).unwrap().body);
    }

    #[test]
    fn hosts_of_a_suspended_app_lead_to_the_operator() {
        insta::assert_yaml_snapshot!(ingress(&fixture().suspended().tenant()).unwrap().body);
    }

    #[test]
    fn an_app_without_hosts_has_none() {
        let mut fixture = fixture();
        fixture.hosts.clear();
        assert!(ingress(&fixture.tenant()).is_none());
    }
}
