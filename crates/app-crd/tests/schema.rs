//! What the generated definition tells the API server and `kubectl`.
#![allow(clippy::unwrap_used)]

use app_crd::{App, AppSpec, AppStatus, Engine, Limits, Region, Replicas, Suspension, SuspensionReason, crd};
use serde_json::{Value, json};

fn version() -> Value {
    serde_json::to_value(&crd().spec.versions[0]).unwrap()
}

fn spec_schema(pointer: &str) -> Value {
    let path = format!("/schema/openAPIV3Schema/properties/spec{pointer}");
    version()
        .pointer(&path)
        .unwrap_or_else(|| panic!("no {path}"))
        .clone()
}

fn messages(rules: &Value) -> Vec<&str> {
    rules
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["message"].as_str().unwrap())
        .collect()
}

#[test]
fn the_resource_has_its_names() {
    let crd = serde_json::to_value(crd()).unwrap();
    assert_eq!(crd["metadata"]["name"], "apps.apps.slipway.dev");
    assert_eq!(crd["spec"]["group"], "apps.slipway.dev");
    assert_eq!(crd["spec"]["scope"], "Namespaced");
    assert_eq!(crd["spec"]["names"]["kind"], "App");
    assert_eq!(crd["spec"]["names"]["shortNames"], json!(["sapp"]));
    assert_eq!(crd["spec"]["names"]["categories"], json!(["slipway"]));
    assert_eq!(crd["spec"]["versions"][0]["name"], "v1alpha1");
}

#[test]
fn kubectl_shows_the_columns_people_need() {
    let version = version();
    let columns = version["additionalPrinterColumns"].as_array().unwrap();
    let shown = |wide| -> Vec<_> {
        columns
            .iter()
            .filter(|column| column["priority"].is_i64() == wide)
            .map(|column| column["name"].as_str().unwrap())
            .collect()
    };
    assert_eq!(
        shown(false),
        ["Region", "Engine", "Ready", "Suspended", "Version", "URL", "Age"]
    );
    assert_eq!(shown(true), ["Reason", "Namespace"]);
}

#[test]
fn kubectl_scale_sets_the_replicas_that_always_run() {
    assert_eq!(
        version()["subresources"]["scale"],
        json!({
            "specReplicasPath": ".spec.replicas.min",
            "statusReplicasPath": ".status.replicas",
            "labelSelectorPath": ".status.selector",
        })
    );
    assert!(version()["subresources"]["status"].is_object());
}

#[test]
fn the_rules_are_in_the_schema() {
    let rules = "/x-kubernetes-validations";
    assert_eq!(
        messages(&spec_schema(&format!("/properties/region{rules}"))),
        ["region is immutable"]
    );
    assert_eq!(
        spec_schema(&format!("/properties/region{rules}/0/reason")),
        "FieldValueForbidden"
    );
    assert_eq!(
        messages(&spec_schema(&format!("/properties/appId{rules}"))),
        ["appId is immutable"]
    );
    assert!(messages(&spec_schema(rules))[0].starts_with("the dev engine runs one replica"));
    assert!(messages(&spec_schema(&format!("/properties/replicas{rules}")))[0].starts_with("replicas.min"));
    assert!(messages(&spec_schema(&format!("/properties/hosts{rules}")))[0].starts_with("a host is"));
}

#[test]
fn every_text_and_list_a_rule_reads_is_bounded() {
    // The API server multiplies a rule's cost by these bounds and refuses the definition without them.
    assert_eq!(spec_schema("/properties/hosts/maxItems"), 20);
    assert_eq!(spec_schema("/properties/hosts/items/maxLength"), 253);
    assert_eq!(spec_schema("/properties/appId/maxLength"), 30);
    for bound in ["minimum", "maximum"] {
        assert!(spec_schema(&format!("/properties/replicas/properties/min/{bound}")).is_number());
        assert!(spec_schema(&format!("/properties/replicas/properties/max/{bound}")).is_number());
    }
}

#[test]
fn nothing_in_a_spec_is_nullable() {
    assert!(!spec_schema("").to_string().contains("nullable"));
}

#[test]
fn the_server_fills_in_defaults() {
    assert_eq!(spec_schema("/properties/engine/default"), "dev");
    assert_eq!(spec_schema("/properties/replicas/default"), json!({ "min": 1 }));
    assert_eq!(spec_schema("/properties/replicas/properties/min/default"), 1);
    assert_eq!(
        spec_schema("/properties/limits/properties/maxUploadMib/default"),
        20
    );
    assert_eq!(
        spec_schema("/required"),
        json!(["appId", "region", "runtimeVersion"])
    );
}

#[test]
fn conditions_merge_by_type_and_hosts_are_a_set() {
    let version = version();
    let conditions = version
        .pointer("/schema/openAPIV3Schema/properties/status/properties/conditions")
        .unwrap();
    assert_eq!(conditions["x-kubernetes-list-type"], "map");
    assert_eq!(conditions["x-kubernetes-list-map-keys"], json!(["type"]));
    assert_eq!(spec_schema("/properties/hosts/x-kubernetes-list-type"), "set");
}

#[test]
fn an_app_survives_json_and_leaves_out_what_is_absent() {
    let app = App::new(
        "app-01jd4y0w7qk3v5x8z9a2b4c6de",
        AppSpec {
            app_id: "app_01jd4y0w7qk3v5x8z9a2b4c6de".parse().unwrap(),
            region: Region::Na,
            engine: Engine::Xl,
            replicas: Replicas::default(),
            runtime_version: "0.1.0".to_owned(),
            functions: None,
            hosts: Vec::new(),
            limits: Limits::default(),
            settings_hash: None,
            suspended: Some(Suspension {
                reason: SuspensionReason::TrialExpired,
            }),
        },
    );
    let json = serde_json::to_value(&app).unwrap();
    assert_eq!(json["spec"]["suspended"], json!({ "reason": "TrialExpired" }));
    assert_eq!(json["spec"]["engine"], "xl");
    assert!(json["spec"].get("functions").is_none());
    assert_eq!(serde_json::from_value::<App>(json).unwrap(), app);
    let empty = serde_json::to_value(AppStatus::default()).unwrap();
    assert_eq!(empty, json!({ "replicas": 0, "readyReplicas": 0 }));
}

#[test]
fn a_minimal_manifest_gets_the_defaults_and_a_wrong_one_an_error() {
    let mut manifest = json!({
        "apiVersion": "apps.slipway.dev/v1alpha1",
        "kind": "App",
        "metadata": {},
        "spec": { "appId": "app_01jd4y0w7qk3v5x8z9a2b4c6de", "region": "eu", "runtimeVersion": "0.1.0" },
    });
    let app: App = serde_json::from_value(manifest.clone()).unwrap();
    assert_eq!(
        (
            app.spec.engine,
            app.spec.replicas.min,
            app.spec.limits.background_jobs
        ),
        (Engine::Dev, 1, 1)
    );
    manifest["spec"]["appId"] = "app_short".into();
    assert!(
        serde_json::from_value::<App>(manifest)
            .unwrap_err()
            .to_string()
            .contains("not an id of an app")
    );
}
