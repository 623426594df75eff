//! Where the app's hosts lead: to its pods, or, while it is suspended, to the operator's explanation.

use app_crd::names::{RUNTIME, suspended_ingress};
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::child::{Child, ChildId, Kind};
use super::common::{Route, labels};
use super::service::SERVICE_PORT;
use crate::config::{Config, IngressConfig};

/// None for an app without hosts. All it takes is known of an app whose spec cannot be read, too.
pub fn ingress(app: &str, config: &Config, hosts: &[String], route: Route) -> Option<Child> {
    if hosts.is_empty() {
        return None;
    }
    let id = ingress_id(app, config, route);
    let service = match route {
        Route::Tenant => RUNTIME,
        Route::Suspended => config.ingress.suspended_service.as_str(),
    };
    let annotations = &config.ingress.annotations;
    let ingress = Ingress {
        metadata: ObjectMeta {
            name: Some(id.name.clone()),
            namespace: id.namespace.clone(),
            labels: Some(labels(app, config)),
            annotations: (!annotations.is_empty()).then(|| annotations.clone()),
            ..ObjectMeta::default()
        },
        spec: Some(spec(&config.ingress, hosts, service)),
        status: None,
    };
    Some(Child::new(id, ingress))
}

/// The Ingress that a route is made of.
pub fn ingress_id(app: &str, config: &Config, route: Route) -> ChildId {
    let (namespace, name) = match route {
        Route::Tenant => (app, RUNTIME.to_owned()),
        Route::Suspended => (config.namespace.as_str(), suspended_ingress(app)),
    };
    ChildId {
        kind: Kind::Ingress,
        namespace: Some(namespace.to_owned()),
        name,
    }
}

fn spec(config: &IngressConfig, hosts: &[String], service: &str) -> IngressSpec {
    IngressSpec {
        ingress_class_name: config.class_name.clone(),
        rules: Some(hosts.iter().map(|host| rule(host, service)).collect()),
        tls: config.tls.then(|| {
            vec![IngressTLS {
                hosts: Some(hosts.to_vec()),
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
    use crate::build::{Fixture, fixture};

    fn of(fixture: &Fixture) -> Option<Child> {
        let tenant = fixture.tenant();
        ingress(tenant.name, tenant.config, tenant.hosts, tenant.route)
    }

    #[test]
    fn hosts_lead_to_the_service() {
        insta::assert_yaml_snapshot!(of(&fixture()).unwrap().body);
    }

    #[test]
    fn hosts_of_a_suspended_app_lead_to_the_operator() {
        insta::assert_yaml_snapshot!(of(&fixture().suspended()).unwrap().body);
    }

    #[test]
    fn an_app_without_hosts_has_none() {
        let mut fixture = fixture();
        fixture.hosts.clear();
        assert!(of(&fixture).is_none());
    }
}
