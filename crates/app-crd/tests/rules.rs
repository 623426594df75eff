//! The rules that the API server will enforce, run without one.
#![allow(clippy::unwrap_used)]

use app_crd::App;
use serde_json::{Value, json};

const NAME: &str = "app-01jd4y0w7qk3v5x8z9a2b4c6de";

fn valid() -> Value {
    json!({
        "apiVersion": "apps.slipway.dev/v1alpha1",
        "kind": "App",
        "metadata": { "name": NAME },
        "spec": {
            "appId": "app_01jd4y0w7qk3v5x8z9a2b4c6de",
            "region": "eu",
            "engine": "m",
            "replicas": { "min": 2, "max": 4 },
            "runtimeVersion": "0.1.0",
            "hosts": ["recipes-k7m2qd.eu.example.com", "api.recipes.example"],
        }
    })
}

/// The valid app with the value at a JSON pointer replaced.
fn with(pointer: &str, value: Value) -> App {
    let mut app = valid();
    *app.pointer_mut(pointer).unwrap() = value;
    serde_json::from_value(app).unwrap()
}

fn refusal(app: &App) -> String {
    format!("{:?}", app.validate_cel().unwrap_err())
}

#[test]
fn a_complete_app_is_accepted() {
    serde_json::from_value::<App>(valid())
        .unwrap()
        .validate_cel()
        .unwrap();
}

#[test]
fn an_app_is_named_after_its_id() {
    let app = with("/metadata/name", "my-recipes".into());
    assert!(
        refusal(&app).contains("an App is named after its appId"),
        "{}",
        refusal(&app)
    );
}

#[test]
fn replicas_have_an_order() {
    let app = with("/spec/replicas", json!({ "min": 3, "max": 2 }));
    assert!(
        refusal(&app).contains("must not be greater than replicas.max"),
        "{}",
        refusal(&app)
    );
    with("/spec/replicas", json!({ "min": 3, "max": 3 }))
        .validate_cel()
        .unwrap();
    with("/spec/replicas", json!({ "min": 3 }))
        .validate_cel()
        .unwrap();
}

#[test]
fn the_dev_engine_runs_one_replica() {
    for replicas in [json!({ "min": 2 }), json!({ "min": 1, "max": 2 })] {
        let mut app = with("/spec/engine", "dev".into());
        app.spec.replicas = serde_json::from_value(replicas).unwrap();
        assert!(
            refusal(&app).contains("the dev engine runs one replica"),
            "{}",
            refusal(&app)
        );
        app.spec.replicas = app_crd::Replicas::default();
        app.validate_cel().unwrap();
    }
}

#[test]
fn a_host_is_a_dns_name_and_nothing_else() {
    for bad in [
        "localhost",
        "API.example.com",
        "https://api.example.com",
        "api.example.com:443",
        "api.example.com/parse",
        "api.example.com.",
        "-api.example.com",
        "api..example.com",
        "*.example.com",
        "192.168.0.1",
        "",
    ] {
        let app = with("/spec/hosts/1", bad.into());
        assert!(
            refusal(&app).contains("a host is a lower-case DNS name"),
            "{bad}: {}",
            refusal(&app)
        );
    }
    with("/spec/hosts/1", "a.xn--bcher-kva.example".into())
        .validate_cel()
        .unwrap();
}

#[test]
fn region_and_app_id_never_change() {
    let before: App = serde_json::from_value(valid()).unwrap();
    let error = format!(
        "{:?}",
        with("/spec/region", "na".into())
            .validate_cel_update(&before)
            .unwrap_err()
    );
    assert!(error.contains("region is immutable"), "{error}");

    let mut other = with("/spec/appId", "app_01jd4y0w7qk3v5x8z9a2b4c6df".into());
    other.metadata.name = Some("app-01jd4y0w7qk3v5x8z9a2b4c6df".to_owned());
    let error = format!("{:?}", other.validate_cel_update(&before).unwrap_err());
    assert!(error.contains("appId is immutable"), "{error}");

    with("/spec/engine", "xl".into())
        .validate_cel_update(&before)
        .unwrap();
}
