//! Builds the `App` resource of a desired app, and compares it with the one in the cluster. Pure.

use std::collections::BTreeMap;

use app_crd::{App, AppSpec, Limits, Suspension, SuspensionReason, names};
use ids::AppId;
use kube::ResourceExt;
use kube::api::ObjectMeta;
use serde_json::Value;

use super::settings::KubernetesSettings;
use crate::regions::{DesiredApp, DesiredState, Region, RegionError, Sizing};

/// No app is changed so often: a generation further ahead than this was written by hand.
const LONGEST_LEAD: i64 = 1_000_000;

/// The control plane's generation of an app that an object was made for.
pub const GENERATION: &str = "apps.slipway.dev/generation";
/// The name its owner gave the app, for people with kubectl.
const DISPLAY_NAME: &str = "apps.slipway.dev/display-name";

/// The name of an app's `App` and Secret.
pub fn name(app: &DesiredApp) -> String {
    names::namespace(&app.id)
}

/// The whole resource; `settings_hash` is that of the settings document in the Secret.
pub fn build(app: &DesiredApp, settings: &KubernetesSettings, settings_hash: &str) -> App {
    let mut resource = App::new(&name(app), spec(app, settings, settings_hash));
    resource.metadata = metadata(app, settings);
    resource
        .annotations_mut()
        .insert(DISPLAY_NAME.to_owned(), app.name.clone());
    resource
}

/// What the `App` and the Secret of an app have in common.
pub fn metadata(app: &DesiredApp, settings: &KubernetesSettings) -> ObjectMeta {
    let pairs = |pairs: &[(&str, &str)]| -> Option<BTreeMap<String, String>> {
        let owned = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Some(owned.collect())
    };
    let name = name(app);
    ObjectMeta {
        labels: pairs(&[
            (names::label::MANAGED_BY, super::FIELD_MANAGER),
            (names::label::APP, &name),
            (names::label::REGION, settings.region.as_str()),
        ]),
        annotations: pairs(&[(GENERATION, &app.generation.to_string())]),
        namespace: Some(settings.namespace.clone()),
        name: Some(name),
        ..ObjectMeta::default()
    }
}

fn spec(app: &DesiredApp, settings: &KubernetesSettings, settings_hash: &str) -> AppSpec {
    let deleted = app.state != DesiredState::Running;
    let reason = match app.suspended {
        Some(reason) => Some(reason.crd()),
        None => deleted.then_some(SuspensionReason::UserRequested),
    };
    AppSpec {
        app_id: app.id,
        region: crd_region(settings.region),
        engine: app.sizing.engine.crd(),
        replicas: app.sizing.crd_replicas(),
        runtime_version: settings.runtime_version.clone(),
        functions: None,
        // A deleted app has no address: nobody is told to have it resumed.
        hosts: if deleted {
            Vec::new()
        } else {
            vec![settings.host(app)]
        },
        limits: Limits::default(),
        settings_hash: Some(settings_hash.to_owned()),
        suspended: reason.map(|reason| Suspension { reason }),
    }
}

/// The region in the words of the resource.
pub fn crd_region(region: Region) -> app_crd::Region {
    match region {
        Region::Eu => app_crd::Region::Eu,
        Region::Na => app_crd::Region::Na,
    }
}

/// Holds a resource against the rules that the API server has, before it gets there.
pub fn check(resource: &App) -> Result<(), RegionError> {
    resource.validate_cel().map_err(|errors| {
        let broken: Vec<String> = errors
            .as_slice()
            .iter()
            .map(|error| format!("{}: {}", error.field_path, error.message))
            .collect();
        RegionError::Refused(format!(
            "The app breaks a rule of its region and was not applied: {}",
            broken.join("; ")
        ))
    })
}

/// A rule that a choice of engine and replicas breaks, with the field's name under `spec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRule {
    pub field: String,
    pub message: String,
}

/// Holds a choice of engine and replicas against the rules of the resource, for the API.
pub fn broken_rules(id: AppId, region: Region, sizing: &Sizing) -> Vec<BrokenRule> {
    let spec = AppSpec {
        app_id: id,
        region: crd_region(region),
        engine: sizing.engine.crd(),
        replicas: sizing.crd_replicas(),
        runtime_version: "any".to_owned(),
        functions: None,
        hosts: Vec::new(),
        limits: Limits::default(),
        settings_hash: None,
        suspended: None,
    };
    let errors = match App::new(&names::namespace(&id), spec).validate_cel() {
        Ok(()) => return Vec::new(),
        Err(errors) => errors,
    };
    let rule = |error: &kube::core::cel::ValidationError| BrokenRule {
        field: error
            .field_path
            .trim_start_matches("spec")
            .trim_matches('.')
            .to_owned(),
        message: error.message.clone(),
    };
    errors.as_slice().iter().map(rule).collect()
}

/// Whether the cluster's resource has everything the wanted one asks for. What others added (a hold by the people
/// who run the platform, a default) is theirs.
pub fn holds(live: &App, wanted: &App) -> bool {
    let value = |app: &App| serde_json::to_value(&app.spec).unwrap_or_default();
    includes(&value(live), &value(wanted))
}

fn includes(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| live.get(key).is_some_and(|live| includes(live, wanted))),
        (live, wanted) => live == wanted,
    }
}

/// What it means that the region has a later generation of the app than the desired one.
pub fn ahead(region_has: i64, desired: &DesiredApp) -> RegionError {
    if region_has - desired.generation <= LONGEST_LEAD {
        return RegionError::Ahead(region_has);
    }
    RegionError::Refused(format!(
        "The app's region has it as of a change that never was, {region_has}, so nothing is changed there. Whoever runs \
         the platform has to remove the annotation {GENERATION} from the App."
    ))
}

/// The control plane's generation that a resource was made for; 0 when it does not say.
pub fn generation(resource: &impl ResourceExt) -> i64 {
    let generation = resource.annotations().get(GENERATION);
    generation.and_then(|text| text.parse().ok()).unwrap_or_default()
}
