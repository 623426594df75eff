//! What the chart renders is what the operator reads: `diff` takes its settings from there, too.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use slipway_operator::config::Config;

/// The objects of one rendered installation.
fn objects(installation: &str) -> Vec<Value> {
    let file = format!("../../charts/slipway/rendered/{installation}.yaml");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    serde_yaml_ng::Deserializer::from_str(&text)
        .filter_map(|document| Value::deserialize(document).ok())
        .collect()
}

/// The operators' settings in one rendered installation.
fn settings(installation: &str) -> Vec<Config> {
    let objects = objects(installation).into_iter();
    objects
        .filter(|object| object["kind"] == "ConfigMap" && object["metadata"]["name"] == "slipway-operator")
        .map(|object| Config::from_yaml(object["data"]["config.yaml"].as_str().unwrap()).unwrap())
        .collect()
}

#[test]
fn every_operator_starts_with_the_settings_of_the_chart() {
    let regions = |installation: &str| -> Vec<String> {
        let configs = settings(installation);
        configs
            .iter()
            .map(|config| format!("{} in {}", config.region.as_str(), config.namespace))
            .collect()
    };
    assert_eq!(regions("dev"), ["eu in slipway-eu", "na in slipway-na"]);
    assert_eq!(regions("control-plane-and-eu"), ["eu in slipway-apps"]);
    assert_eq!(regions("na"), ["na in slipway-apps"]);
}

#[test]
fn the_databases_and_the_way_back_are_those_of_the_values() {
    let eu = settings("control-plane-and-eu").remove(0);
    let names: Vec<&str> = eu
        .databases
        .iter()
        .map(|database| database.name.as_str())
        .collect();
    assert_eq!(names, ["eu-1", "eu-2"]);
    assert!(eu.workload.zones && eu.ingress.tls);
    let dev = settings("dev").remove(0);
    assert_eq!(dev.databases[0].namespace.as_deref(), Some("slipway-eu"));
    assert!(!dev.ingress.tls);
    assert_eq!(dev.network.extra_egress.len(), 1, "to the control plane");
}

#[test]
fn of_the_control_plane_tenants_reach_the_port_for_their_reports_alone() {
    let tenants = "/namespaceSelector/matchLabels/app.kubernetes.io~1managed-by";
    let objects = objects("dev");
    let policy = objects
        .iter()
        .find(|object| {
            object["kind"] == "NetworkPolicy" && object["metadata"]["name"] == "slipway-control-plane"
        })
        .unwrap();
    let rules = policy["spec"]["ingress"].as_array().unwrap();
    let open: Vec<&Value> = rules
        .iter()
        .filter(|rule| {
            let from = rule["from"].as_array().unwrap();
            from.iter().any(|peer| peer.pointer(tenants).is_some())
        })
        .map(|rule| &rule["ports"])
        .collect();
    assert_eq!(open, [&serde_json::json!([{"port": "reports"}])]);
    let egress = objects
        .iter()
        .filter(|object| object["metadata"]["name"] == "slipway-operator");
    let settings: Vec<Value> = egress
        .filter_map(|object| serde_yaml_ng::from_str(object["data"]["config.yaml"].as_str()?).ok())
        .collect();
    assert_eq!(settings.len(), 2);
    for settings in settings {
        assert_eq!(settings["network"]["extraEgress"][0]["port"], 8081);
    }
    let plane = objects
        .iter()
        .find_map(|object| object["data"]["slipway.toml"].as_str());
    let reports = plane
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("usage_report_url"));
    assert!(reports.clone().count() == 2 && reports.into_iter().all(|line| line.contains(":8081/")));
}
