//! What somebody adds to a tenant's namespace does not open it.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use kube::api::PostParams;
use serde_json::json;

use crate::support::{Fault, Faults, PATIENCE, Rig, TestApp, condition, is, reason};

/// Adds a NetworkPolicy that lets everything out.
async fn open(app: &TestApp, name: &str) {
    let policy: NetworkPolicy = serde_json::from_value(
        json!({ "metadata": { "name": name }, "spec": { "podSelector": {}, "egress": [{}] } }),
    )
    .unwrap();
    let policies = app.objects::<NetworkPolicy>();
    policies.create(&PostParams::default(), &policy).await.unwrap();
}

async fn until_gone(app: &TestApp, name: &str) {
    test_kit::wait_until(PATIENCE, &format!("{name} is gone"), async || {
        !app.exists::<NetworkPolicy>(name).await
    })
    .await;
}

#[tokio::test]
async fn policies_services_and_ingresses_of_others_are_deleted() {
    let rig = Rig::new().await;
    let operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    // Nearly ours: a part of the labels is not enough.
    let labels =
        json!({ "app.kubernetes.io/managed-by": "slipway-operator", "apps.slipway.dev/region": "eu" });
    for (name, labels) in [("open", json!({})), ("posing", labels)] {
        let policy: NetworkPolicy = serde_json::from_value(json!({
            "metadata": { "name": name, "labels": labels },
            "spec": { "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}] },
        }))
        .unwrap();
        let policies = app.objects::<NetworkPolicy>();
        policies.create(&PostParams::default(), &policy).await.unwrap();
    }
    let ingress: Ingress = serde_json::from_value(json!({
        "metadata": { "name": "side-door" },
        "spec": { "defaultBackend": { "service": { "name": "runtime", "port": { "number": 80 } } } },
    }))
    .unwrap();
    app.objects::<Ingress>()
        .create(&PostParams::default(), &ingress)
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "they are gone", async || {
        !app.exists::<NetworkPolicy>("open").await
            && !app.exists::<NetworkPolicy>("posing").await
            && !app.exists::<Ingress>("side-door").await
    })
    .await;
    assert!(
        app.exists::<NetworkPolicy>("default-deny").await && app.exists::<NetworkPolicy>("runtime").await
    );
    assert!(app.exists::<Service>("runtime").await && app.exists::<Ingress>("runtime").await);
    let text = operator.metrics.render();
    assert!(
        text.contains(r#"slipway_operator_drift_corrections_total{kind="NetworkPolicy"} 2"#),
        "{text}"
    );
}

#[tokio::test]
async fn what_was_added_while_no_operator_ran_is_deleted_at_the_start() {
    let rig = Rig::new().await;
    let first = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    drop(first);
    open(&app, "open").await;
    let _second = rig.operator().await;
    until_gone(&app, "open").await;
}

#[tokio::test]
async fn what_is_made_again_before_its_deletion_is_answered_is_deleted_again() {
    let rig = Rig::new().await;
    let faults = Faults::none();
    let _operator = rig.operator_with(&faults).await;
    let (app, other) = (rig.app(json!({})).await, rig.app(json!({})).await);
    app.ready().await;
    other.ready().await;
    let mut first = true;
    faults.set(move |request| {
        let deletes = request.method() == http::Method::DELETE
            && request.uri().path().ends_with("/networkpolicies/open");
        (deletes && std::mem::take(&mut first)).then_some(Fault::LateAnswer)
    });
    open(&app, "open").await;
    faults.answer_lost().await;
    open(&app, "open").await;
    // When this one is noticed, so was the one before.
    open(&other, "probe").await;
    until_gone(&other, "probe").await;
    assert!(app.exists::<NetworkPolicy>("open").await);
    faults.let_answer();
    until_gone(&app, "open").await;
}

#[tokio::test]
async fn one_that_cannot_be_deleted_saves_no_other_and_holds_up_nothing_else() {
    let rig = Rig::new().await;
    let faults = Faults::new(|request| {
        let deletes = request.method() == http::Method::DELETE
            && request.uri().path().ends_with("/networkpolicies/a-kept");
        deletes.then_some(Fault::Answer(403))
    });
    let _operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    open(&app, "a-kept").await;
    open(&app, "open").await;
    until_gone(&app, "open").await;
    app.until("says what it cannot delete", |app| {
        reason(app, "Degraded", "Forbidden")
    })
    .await;
    app.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.runs("2.0").await;
    let stored = app.ready().await;
    assert_eq!(condition(&stored, "Degraded"), ("True", "Forbidden"));
    faults.set(|_| None);
    app.change(json!({ "metadata": { "annotations": { "look": "again" } } }))
        .await
        .unwrap();
    until_gone(&app, "a-kept").await;
    app.until("needs nobody", |app| is(app, "Degraded", "False"))
        .await;
}
