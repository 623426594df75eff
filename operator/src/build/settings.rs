//! The settings document of a tenant: what the control plane wrote, and what only this cluster knows.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::common::Placement;
use super::pod::PORT;
use crate::config::IngressConfig;
use crate::database::uri;
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
    let database = uri::for_app(cluster_uri, name, &placement.password, name);
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
