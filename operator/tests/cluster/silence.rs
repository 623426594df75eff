//! Replicas that stop answering are noticed, whatever state the App is in.

use app_crd::App;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use crate::malformed::smuggle;
use crate::support::{PATIENCE, Rig, TestApp, condition, is};

/// All pods fail their probes from now on.
async fn silence(app: &TestApp) {
    let pods = app.objects::<Pod>();
    let status = json!({ "status": { "conditions": [{ "type": "Ready", "status": "False" }] } });
    for pod in pods.list(&ListParams::default()).await.unwrap() {
        let name = pod.metadata.name.unwrap();
        pods.patch_status(&name, &PatchParams::default(), &Patch::Merge(&status))
            .await
            .unwrap();
    }
}

fn answers(app: &App) -> i32 {
    app.status.as_ref().unwrap().ready_replicas
}

#[tokio::test]
async fn replicas_that_answer_no_more_are_not_starting() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.runs("1.0").await;
    silence(&app).await;
    let silent = app
        .until("does not answer", |app| is(app, "Ready", "False"))
        .await;
    assert_eq!(condition(&silent, "WorkloadAvailable"), ("False", "NotAnswering"));
    assert_eq!(condition(&silent, "Degraded"), ("True", "NotAnswering"));
}

#[tokio::test]
async fn a_paused_app_whose_replicas_answer_no_more_is_not_ready() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.runs("1.0").await;
    app.change(json!({ "metadata": { "annotations": { "apps.slipway.dev/reconcile": "paused" } } }))
        .await
        .unwrap();
    app.until("is paused", |app| is(app, "ReconciliationPaused", "True"))
        .await;
    silence(&app).await;
    let silent = app
        .until("does not answer", |app| is(app, "Ready", "False"))
        .await;
    assert_eq!(condition(&silent, "WorkloadAvailable").0, "False");
    assert_eq!(answers(&silent), 0);
    assert!(is(&silent, "ReconciliationPaused", "True"));
}

#[tokio::test]
async fn an_app_with_an_invalid_spec_whose_replicas_answer_no_more_is_not_ready() {
    let (_cluster, rig) = Rig::with_own_cluster().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.runs("1.0").await;
    smuggle(&rig, &app, &json!({ "spec": { "engine": "quantum" } })).await;
    let is = async |kind: &str, status: &str| app.raw_condition(kind).await["status"] == status;
    test_kit::wait_until(PATIENCE, "the spec is refused", async || {
        is("Degraded", "True").await
    })
    .await;
    assert!(is("Ready", "True").await, "what serves goes on serving");
    silence(&app).await;
    test_kit::wait_until(PATIENCE, "it is not ready", async || is("Ready", "False").await).await;
}
