//! The definition that the binary prints is the one the chart ships.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

use slipway_operator::crd_yaml;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/crds");

/// Regenerate with `cargo run -p operator -- crd > charts/crds/files/apps.yaml`.
#[test]
fn the_chart_holds_the_definition_of_this_source() {
    let committed = fs::read_to_string(Path::new(CHART).join("files/apps.yaml")).unwrap();
    assert!(
        committed == crd_yaml().unwrap(),
        "charts/crds/files/apps.yaml is out of date; run `cargo run -p operator -- crd > charts/crds/files/apps.yaml`"
    );
}

#[test]
fn the_chart_has_the_version_of_the_workspace() {
    let chart = fs::read_to_string(Path::new(CHART).join("Chart.yaml")).unwrap();
    let chart: serde_yaml_ng::Value = serde_yaml_ng::from_str(&chart).unwrap();
    assert_eq!(chart["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_binary_prints_the_definition() {
    let output = Command::new(env!("CARGO_BIN_EXE_slipway-operator"))
        .arg("crd")
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), crd_yaml().unwrap());
}

#[test]
fn without_a_command_the_binary_explains_itself() {
    let output = Command::new(env!("CARGO_BIN_EXE_slipway-operator"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let help = String::from_utf8(output.stderr).unwrap();
    assert!(
        help.contains("crd") && help.contains("CustomResourceDefinition"),
        "{help}"
    );
}
