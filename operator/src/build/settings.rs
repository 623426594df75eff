//! The settings document of a tenant: what the control plane wrote, and what only this cluster knows.

use runtime_settings::late_restart_hash;
use serde_json::{Map, Value, json};

use super::common::Placement;
use super::pod::PORT;
use crate::config::IngressConfig;
use app_crd::AppSpec;

/// The document that the runtime reads at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// JSON with Parse Server's option names. Holds secrets.
    pub document: String,
    /// Two documents with the same hash need no restart between them: the runtime takes the rest up from its mounted Secret.
    pub hash: String,
}

/// Why no document can be made from the control plane's Secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

/// Adds the database, the port, the addresses, the proxies in front and the engine to the control plane's document. Those
/// win over what it says of them; everything else is taken as it is.
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
    set("trustProxy", ingress.trust_proxy.clone());
    set("engine", spec.engine.as_str().into());
    if let Some(host) = spec.hosts.first() {
        set("serverURL", ingress.url(host).into());
        set("publicServerURL", ingress.url(host).into());
    }
    document
        .entry("maxUploadSize")
        .or_insert_with(|| json!(format!("{}mb", spec.limits.max_upload_mib)));
    let mut hash = late_restart_hash(&document);
    hash.truncate(16);
    Ok(Settings {
        document: Value::Object(document).to_string(),
        hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{Kind, fixture};

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

    /// The Secret and the Deployment of a tenant with these settings.
    fn children(settings: Settings) -> [Value; 2] {
        let mut fixture = fixture();
        fixture.settings = settings;
        let children = crate::build::tenant(&fixture.tenant());
        [Kind::Secret, Kind::Deployment].map(|kind| {
            let child = children.iter().find(|child| child.id.kind == kind);
            child.unwrap().body.clone()
        })
    }

    #[test]
    fn a_new_key_is_not_waited_for() {
        let [_, before] = children(merged(r#"{ "appId": "a", "masterKey": "1" }"#));
        let [_, after] = children(merged(r#"{ "appId": "a", "masterKey": "2" }"#));
        assert_ne!(after, before);
    }

    #[test]
    fn what_a_running_app_takes_up_changes_its_secret_and_no_pod() {
        let before = children(merged(r#"{ "appId": "a", "appName": "One", "masterKey": "1" }"#));
        let limit = r#"[{ "requestPath": "/login", "requestTimeWindow": 1000, "requestCount": 5 }]"#;
        for change in [
            r#"{ "appId": "a", "appName": "Two", "masterKey": "1" }"#.to_owned(),
            format!(r#"{{ "appId": "a", "appName": "One", "masterKey": "1", "rateLimit": {limit} }}"#),
        ] {
            let after = children(merged(&change));
            assert_ne!(after[0], before[0], "{change}");
            assert_eq!(after[1], before[1], "{change}");
        }
    }

    #[test]
    fn what_waits_for_a_restart_replaces_the_pods() {
        let before = children(merged(r#"{ "appId": "a" }"#));
        for change in [
            r#"{ "appId": "a", "logLevel": "debug" }"#,
            r#"{ "appId": "a", "usageReportToken": "t" }"#,
        ] {
            assert_ne!(children(merged(change))[1], before[1], "{change}");
        }
    }

    #[test]
    fn owner_does_not_choose_whose_word_counts_for_a_clients_address() {
        let settings = merged(r#"{ "appId": "a", "trustProxy": true }"#);
        let document: Value = serde_json::from_str(&settings.document).unwrap();
        assert_eq!(document["trustProxy"], 1);
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
