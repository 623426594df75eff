//! The settings document of one runtime on this machine: what every region has in common, and its database, port and
//! addresses here.
//!
//! Pure. The document is written to `settings.json`; [`restart_hash`] decides whether a running
//! process has to be restarted for it.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{LocalSettings, database};
use crate::regions::DesiredApp;
use crate::regions::runtime_settings::{self as shared, MOUNT};

/// The address of an app that listens on `port`.
pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}{MOUNT}")
}

/// The whole document for `app` on `port`.
pub fn document(app: &DesiredApp, local: &LocalSettings, port: u16) -> Value {
    let name = database::name_of(app);
    let database = mongo_uri::for_app(
        local.mongodb_uri.expose_secret(),
        &name,
        app.database_password.expose_secret(),
        &name,
    );
    let mut document = shared::document(app, &local.usage_report_url);
    document["databaseURI"] = json!(database);
    document["host"] = json!("127.0.0.1");
    document["port"] = json!(port);
    document["serverURL"] = json!(url(port));
    document["publicServerURL"] = json!(url(port));
    document["engine"] = json!(app.sizing.engine);
    if let Some(reason) = app.suspended {
        document["suspended"] = json!(reason.sentence());
    }
    if let Some(endpoint) = &local.otlp_endpoint {
        document["otlpEndpoint"] = json!(endpoint);
    }
    document
}

/// The content of `settings.json`.
pub fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// Two documents with the same hash need no restart between them: a running process takes the difference up.
pub fn restart_hash(document: &Value) -> String {
    document
        .as_object()
        .map(::runtime_settings::restart_hash)
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::regions::{AppKeys, DesiredState, Region};

    fn app() -> DesiredApp {
        DesiredApp {
            id: "app_01jd4y0w7qk3v5x8z9a2b4c6de".parse().unwrap(),
            region: Region::Eu,
            application_id: "notes-x7k2m9".into(),
            name: "Notes".into(),
            generation: 3,
            observed_generation: 2,
            state: DesiredState::Running,
            keys: AppKeys {
                client: "ck_1".into(),
                javascript: "js_1".into(),
                rest: "rest_1".into(),
                master: "master_1".into(),
            },
            database_password: "pw".into(),
            usage_token: "usage_1".into(),
            stage: "building".into(),
            settings: crate::regions::OwnerSettings::default(),
            sizing: crate::regions::Sizing::default(),
            suspended: None,
        }
    }

    fn local() -> LocalSettings {
        LocalSettings {
            data_dir: "/data".into(),
            mongodb_uri: "mongodb://root:secret@127.0.0.1:27017/?replicaSet=slipway".into(),
            runtime: "/bin/slipway-runtime".into(),
            port_range: 20_000..=20_001,
            usage_report_url: "http://127.0.0.1:8080/internal/v1/usage".into(),
            otlp_endpoint: None,
        }
    }

    #[test]
    fn document_speaks_parse_servers_option_names() {
        let document = document(&app(), &local(), 20_000);
        assert_eq!(document["appId"], "notes-x7k2m9");
        assert_eq!(document["restAPIKey"], "rest_1");
        assert_eq!(document["allowClientClassCreation"], true);
        assert_eq!(document["publicServerURL"], "http://127.0.0.1:20000/parse");
        assert_eq!(
            document["databaseURI"],
            "mongodb://app_01jd4y0w7qk3v5x8z9a2b4c6de:pw@127.0.0.1:27017/app_01jd4y0w7qk3v5x8z9a2b4c6de\
             ?replicaSet=slipway&authSource=app_01jd4y0w7qk3v5x8z9a2b4c6de"
        );
        assert!(
            !document.to_string().contains("secret"),
            "the administrator's password leaks"
        );
    }

    #[test]
    fn traces_go_where_those_of_the_control_plane_go() {
        let silent = document(&app(), &local(), 20_000);
        assert!(silent.get("otlpEndpoint").is_none(), "no collector, no setting");
        let traced = LocalSettings {
            otlp_endpoint: Some("http://localhost:4318".into()),
            ..local()
        };
        let traced = document(&app(), &traced, 20_000);
        assert_eq!(traced["otlpEndpoint"], "http://localhost:4318");
        assert_ne!(restart_hash(&traced), restart_hash(&silent));
    }

    #[test]
    fn what_is_stored_and_not_the_owners_stays_behind() {
        let mut stored = app();
        let limit = json!({"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1, "redisUrl": "redis://:hush@cache"});
        stored.settings.0.extend([
            ("sessionLength".to_owned(), json!(60)),
            ("newer".to_owned(), json!(1)),
            ("rateLimit".to_owned(), json!([limit])),
        ]);
        let document = document(&stored, &local(), 1);
        assert_eq!(
            (&document["sessionLength"], document.get("newer")),
            (&json!(60), None)
        );
        assert_eq!(document["rateLimit"][0]["requestPath"], "/x");
        assert!(!document.to_string().contains("hush"));
    }

    #[test]
    fn live_app_takes_no_new_classes_from_clients() {
        let live = DesiredApp {
            stage: "live".into(),
            ..app()
        };
        assert_eq!(document(&live, &local(), 1)["allowClientClassCreation"], false);
    }

    #[test]
    fn new_port_asks_for_a_restart_and_new_keys_names_and_stages_do_not() {
        let before = document(&app(), &local(), 20_000);
        let mut changed = app();
        changed.keys.rest = "rest_2".into();
        changed.name = "Other".into();
        changed.stage = "live".into();
        let after = document(&changed, &local(), 20_000);
        assert_ne!(text(&after), text(&before));
        assert_eq!(restart_hash(&after), restart_hash(&before));
        let moved = document(&app(), &local(), 20_001);
        assert_ne!(restart_hash(&moved), restart_hash(&before));
    }
}
