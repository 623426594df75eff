//! The part of an app's settings document that every region has in common: who the app is, its keys, what its owner
//! set, and where it reports usage. In Parse Server's option names.
//!
//! Pure. What a place adds (database, addresses, engine) is the business of that place: `local` for a process on
//! this machine, the operator for a cluster.

use ::runtime_settings::owner;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::DesiredApp;

/// Where the API is mounted; the address SDKs use ends in it.
pub const MOUNT: &str = "/parse";

/// The document of `app`, which reports its usage to `usage_report_url`.
pub fn document(app: &DesiredApp, usage_report_url: &str) -> Value {
    let mut document = owner_defaults(&app.stage);
    let mut set = app.settings.0.clone();
    // Rows of another release may hold what is not the owner's here.
    owner::drop_foreign(&mut set);
    document.extend(set);
    let platform = json!({
        "appId": app.application_id,
        "appName": app.name,
        "clientKey": app.keys.client.expose_secret(),
        "javascriptKey": app.keys.javascript.expose_secret(),
        "restAPIKey": app.keys.rest.expose_secret(),
        "masterKey": app.keys.master.expose_secret(),
        "mountPath": MOUNT,
        "usageReportURL": usage_report_url,
        "usageReportToken": app.usage_token.expose_secret(),
        "usageAppId": app.id.as_str(),
    });
    if let Value::Object(platform) = platform {
        document.extend(platform);
    }
    Value::Object(document)
}

/// Where the platform's defaults for what an owner may set are not Parse Server's (decision 11 of the architecture):
/// private by default, and only while it is being built do clients create classes.
pub fn owner_defaults(stage: &str) -> Map<String, Value> {
    let defaults = [
        ("allowClientClassCreation", json!(stage == "building")),
        ("privateByDefault", json!(true)),
        ("stage", json!(stage)),
    ];
    defaults
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
