//! At rest nothing is asked of the API server.

use std::time::Duration;

use serde_json::json;

use crate::support::Rig;

/// Requests that are neither watches nor renewals of the lease.
fn requests(text: &str) -> u64 {
    let count = |line: &str| {
        line.rsplit(' ')
            .next()
            .and_then(|count| count.parse::<u64>().ok())
            .unwrap_or_default()
    };
    text.lines()
        .filter(|line| line.starts_with("slipway_operator_kubernetes_requests_total"))
        .filter(|line| !line.contains(r#"verb="watch""#) && !line.contains(r#"verb="lease""#))
        .map(count)
        .sum()
}

#[tokio::test]
async fn an_operator_whose_apps_are_as_they_should_be_asks_for_nothing() {
    let rig = Rig::new().await;
    let operator = rig.operator().await;
    let apps = [
        rig.app(json!({})).await,
        rig.app(json!({ "replicas": { "min": 1, "max": 3 } })).await,
    ];
    for app in &apps {
        app.ready().await;
    }
    // Settled when nothing was asked for some time; then it must stay so, even when it is made to look again.
    let quiet = async |seconds: u64| {
        let mut since = (requests(&operator.metrics.render()), tokio::time::Instant::now());
        test_kit::wait_until(crate::support::PATIENCE, "it is quiet", async || {
            let now = requests(&operator.metrics.render());
            if now != since.0 {
                since = (now, tokio::time::Instant::now());
            }
            since.1.elapsed() > Duration::from_secs(seconds)
        })
        .await;
        since.0
    };
    let settled = quiet(3).await;
    let looks = operator.metrics.reconciles.with_label_values(&["ok"]).get();
    for app in &apps {
        app.change(json!({ "metadata": { "annotations": { "look": "again" } } }))
            .await
            .unwrap();
    }
    test_kit::wait_until(crate::support::PATIENCE, "it has looked again", async || {
        operator.metrics.reconciles.with_label_values(&["ok"]).get() >= looks + 2
    })
    .await;
    assert_eq!(quiet(3).await, settled);
}
