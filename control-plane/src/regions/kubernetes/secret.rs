//! Builds the Secret with the settings document of an app. Pure.

use app_crd::names;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use sha2::{Digest, Sha256};

use super::resource;
use super::settings::KubernetesSettings;
use crate::regions::{DesiredApp, runtime_settings};

/// The settings document of an app, and its hash.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    /// SHA-256 in hexadecimal.
    pub hash: String,
}

impl Document {
    /// The document the region's operator completes.
    pub fn of(app: &DesiredApp, settings: &KubernetesSettings) -> Self {
        let text = runtime_settings::document(app, &settings.usage_report_url).to_string();
        let hash = hex::encode(Sha256::digest(&text));
        Self { text, hash }
    }
}

/// The whole Secret; it goes with its owner once that exists.
pub fn build(
    app: &DesiredApp,
    settings: &KubernetesSettings,
    document: &Document,
    owner: Option<OwnerReference>,
) -> Secret {
    let mut metadata = resource::metadata(app, settings);
    metadata.owner_references = owner.map(|owner| vec![owner]);
    let content = ByteString(document.text.clone().into_bytes());
    Secret {
        metadata,
        data: Some([(names::SETTINGS_KEY.to_owned(), content)].into()),
        type_: Some("Opaque".to_owned()),
        ..Secret::default()
    }
}
