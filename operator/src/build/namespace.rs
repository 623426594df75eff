//! The tenant's namespace: whose it is, and that only harmless pods run in it.

use app_crd::names::annotation;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::child::{Child, ChildId, Kind};
use super::common::labels;
use crate::config::Config;

/// The namespace of the App with this name and uid.
pub fn namespace(app: &str, uid: &str, config: &Config) -> Child {
    let mut labels = labels(app, config);
    for mode in ["enforce", "audit", "warn"] {
        labels.insert(
            format!("pod-security.kubernetes.io/{mode}"),
            "restricted".to_owned(),
        );
    }
    let namespace = Namespace {
        metadata: ObjectMeta {
            name: Some(app.to_owned()),
            labels: Some(labels),
            annotations: Some([(annotation::APP_UID.to_owned(), uid.to_owned())].into()),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    };
    let id = ChildId {
        kind: Kind::Namespace,
        namespace: None,
        name: app.to_owned(),
    };
    Child::new(id, namespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn a_namespace_of_one_app() {
        let config = fixture().config;
        insta::assert_yaml_snapshot!(namespace("app-01jd4y0w7qk3v5x8z9a2b4c6de", "0b9e1d1c", &config).body);
    }
}
