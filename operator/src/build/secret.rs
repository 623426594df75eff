//! The tenant's two Secrets: the settings its pods read, and the password of its database user.

use std::collections::BTreeMap;

use app_crd::names::{DATABASE_SECRET, RUNTIME, SETTINGS_KEY};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::child::{Child, Kind};
use super::common::{Placement, Tenant, labels};
use crate::config::Config;

/// The settings document; mounted by the Deployment.
pub fn runtime_secret(tenant: &Tenant<'_>) -> Child {
    let secret = Secret {
        metadata: tenant.metadata(RUNTIME),
        type_: Some("Opaque".to_owned()),
        data: data([(SETTINGS_KEY, tenant.settings.document.as_str())]),
        ..Secret::default()
    };
    Child::namespaced(Kind::Secret, tenant.name, RUNTIME, secret)
}

/// Where the app's data are and how to reach them. It is created once and never overwritten.
pub fn database_secret(app: &str, config: &Config, placement: &Placement) -> Secret {
    Secret {
        metadata: ObjectMeta {
            name: Some(DATABASE_SECRET.to_owned()),
            namespace: Some(app.to_owned()),
            labels: Some(labels(app, config)),
            ..ObjectMeta::default()
        },
        type_: Some("Opaque".to_owned()),
        data: data([
            ("cluster", placement.cluster.as_str()),
            ("database", placement.database.as_str()),
            ("password", placement.password.as_str()),
        ]),
        ..Secret::default()
    }
}

impl Placement {
    /// Reads back what [`database_secret`] wrote; none when somebody spoilt it.
    pub fn of_secret(secret: &Secret) -> Option<Self> {
        let value = |key: &str| {
            let bytes = secret.data.as_ref()?.get(key)?;
            String::from_utf8(bytes.0.clone())
                .ok()
                .filter(|text| !text.is_empty())
        };
        Some(Self {
            cluster: value("cluster")?,
            database: value("database")?,
            password: value("password")?,
        })
    }
}

fn data<const N: usize>(entries: [(&str, &str); N]) -> Option<BTreeMap<String, ByteString>> {
    Some(
        entries
            .map(|(key, value)| (key.to_owned(), ByteString(value.as_bytes().to_vec())))
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    #[test]
    fn the_settings_of_the_runtime() {
        insta::assert_yaml_snapshot!(runtime_secret(&fixture().tenant()).body);
    }

    #[test]
    fn a_placement_survives_its_secret_and_a_spoilt_one_is_none() {
        let placement = Placement {
            cluster: "main".into(),
            database: "app_1".into(),
            password: "p".into(),
        };
        let mut secret = database_secret("app-1", &fixture().config, &placement);
        assert_eq!(Placement::of_secret(&secret), Some(placement));
        secret
            .data
            .as_mut()
            .unwrap()
            .insert("password".into(), ByteString(Vec::new()));
        assert_eq!(Placement::of_secret(&secret), None);
    }
}
