//! The settings document of a tenant: what the control plane wrote, and what only this cluster knows.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::common::Placement;
use super::pod::PORT;
use crate::config::IngressConfig;
use app_crd::AppSpec;

/// The document that the runtime reads at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// JSON with Parse Server's option names. Holds secrets.
    pub document: String,
    /// Two documents with the same hash need no restart between them.
    pub hash: String,
}

/// Why no document can be made from the control plane's Secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

/// Adds the database, the port, the addresses and the engine to the control plane's document. Those win over what it says
/// of them; everything else is taken as it is.
pub fn merge(
    source: &[u8],
    spec: &AppSpec,
    ingress: &IngressConfig,
    cluster_uri: &str,
    placement: &Placement,
) -> Result<Settings, SettingsError> {
    let mut document: Map<String, Value> = serde_json::from_slice(source)
        .map_err(|error| SettingsError(format!("settings.json is not a JSON object: {error}")))?;
    let name = &placement.database;
    let database = mongo_uri::for_app(cluster_uri, name, &placement.password, name);
    let mut set = |key: &str, value: Value| document.insert(key.to_owned(), value);
    set("databaseURI", database.into());
    set("host", "0.0.0.0".into());
    set("port", PORT.into());
    set("mountPath", "/parse".into());
    set("engine", spec.engine.as_str().into());
    if let Some(host) = spec.hosts.first() {
        set("serverURL", ingress.url(host).into());
        set("publicServerURL", ingress.url(host).into());
    }
    document
        .entry("maxUploadSize")
        .or_insert_with(|| json!(format!("{}mb", spec.limits.max_upload_mib)));
    let hash = restart_hash(&document);
    Ok(Settings {
        document: Value::Object(document).to_string(),
        hash,
    })
}

/// The name only appears in mails and is taken up at the next start, so renaming an app does not replace its pods.
fn restart_hash(document: &Map<String, Value>) -> String {
    let mut document = document.clone();
    document.shift_remove("appName");
    hex::encode(Sha256::digest(Value::Object(document).to_string()))[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;

    fn merged(source: &str) -> Settings {
        let placement = Placement {
            cluster: "main".into(),
            database: "app_x".into(),
            password: "pw".into(),
        };
        let fixture = fixture();
        let uri = "mongodb://root:secret@db-0:27017/?replicaSet=rs0&authSource=admin";
        merge(
            source.as_bytes(),
            &fixture.spec,
            &fixture.config.ingress,
            uri,
            &placement,
        )
        .unwrap()
    }

    #[test]
    fn what_only_the_cluster_knows_is_added() {
        let settings =
            merged(r#"{ "appId": "recipes", "appName": "Recipes", "databaseURI": "mongodb://elsewhere/x" }"#);
        insta::assert_json_snapshot!(serde_json::from_str::<Value>(&settings.document).unwrap());
        assert!(
            !settings.document.contains("secret"),
            "the administrator's password leaks"
        );
    }

    #[test]
    fn a_new_key_replaces_the_pods_and_a_new_name_does_not() {
        let before = merged(r#"{ "appId": "a", "appName": "One", "masterKey": "1" }"#).hash;
        assert_eq!(
            merged(r#"{ "appId": "a", "appName": "Two", "masterKey": "1" }"#).hash,
            before
        );
        assert_ne!(
            merged(r#"{ "appId": "a", "appName": "One", "masterKey": "2" }"#).hash,
            before
        );
    }

    #[test]
    fn a_document_that_is_none_is_refused() {
        let fixture = fixture();
        let placement = Placement {
            cluster: "main".into(),
            database: "x".into(),
            password: "p".into(),
        };
        for source in ["", "[]", "{"] {
            let merged = merge(
                source.as_bytes(),
                &fixture.spec,
                &fixture.config.ingress,
                "mongodb://x",
                &placement,
            );
            assert!(
                merged
                    .unwrap_err()
                    .to_string()
                    .contains("settings.json is not a JSON object"),
                "{source}"
            );
        }
    }
}
