//! A collector that cannot be reached costs traces, never the process, and the log says so.
#![allow(clippy::unwrap_used)]

use std::{net::TcpListener, process::Command};

use telemetry::TelemetryConfig;

const ENDPOINT: &str = "TELEMETRY_TEST_ENDPOINT";

/// The process under test: this file, started again with an endpoint.
#[test]
fn child() {
    let Ok(endpoint) = std::env::var(ENDPOINT) else {
        return;
    };
    let config = TelemetryConfig {
        otlp_endpoint: Some(endpoint),
        ..TelemetryConfig::default()
    };
    let _guard = telemetry::init("slipway-test", &config).unwrap();
    tracing::info_span!("lost").in_scope(|| tracing::info!("work goes on"));
}

#[test]
fn a_collector_that_is_down_is_named_in_the_log() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(ENDPOINT, endpoint)
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    assert!(log.contains("work goes on"), "{log}");
    assert!(log.contains("opentelemetry") && log.contains("export"), "{log}");
}
