//! What keeps a database user from being looked after is tried again, and holds up nothing that runs.

use serde_json::json;

use crate::support::{Proxy, Rig, is, reason};

#[tokio::test]
async fn a_user_that_could_not_be_asked_for_is_soon_asked_for_again() {
    let rig = Rig::new().await;
    let proxy = Proxy::before(rig.mongo.uri()).await;
    rig.set_database(&proxy.uri());
    let first = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    drop(first);

    proxy.spoil(true);
    let second = rig.operator().await;
    let failing = app
        .until("could not be asked for", |app| {
            reason(app, "DatabaseReady", "DatabaseUnavailable")
        })
        .await;
    assert!(is(&failing, "WorkloadAvailable", "True"));
    let failures = || second.metrics.reconciles.with_label_values(&["database"]).get();
    test_kit::wait_until(crate::support::PATIENCE, "it is tried again", async || {
        failures() >= 3
    })
    .await;
    app.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.runs("2.0").await;
    proxy.spoil(false);
    app.ready().await;
}
