//! Specs that turned invalid by a newer schema: they say so, keep serving, and do not stop the others.

use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use crate::support::{PATIENCE, Rig, TestApp, condition, is, reason};

/// Lets any spec in, as if the schema of today did not exist yet, or again as it is.
pub async fn loosen(rig: &Rig, loose: bool) {
    let mut definition = serde_json::to_value(app_crd::crd()).unwrap();
    if loose {
        let schema = &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        schema["properties"]["spec"] =
            json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
        schema
            .as_object_mut()
            .unwrap()
            .shift_remove("x-kubernetes-validations");
        definition["spec"]["versions"][0]["selectableFields"] = Value::Null;
    }
    let definitions = Api::<CustomResourceDefinition>::all(rig.client.clone());
    let stored = definitions.get("apps.apps.slipway.dev").await.unwrap();
    definition["metadata"]["resourceVersion"] = json!(stored.metadata.resource_version);
    let wanted: CustomResourceDefinition = serde_json::from_value(definition).unwrap();
    definitions
        .replace("apps.apps.slipway.dev", &Default::default(), &wanted)
        .await
        .unwrap();
}

/// Stores a spec that the schema of today refuses, and leaves the schema loose.
pub async fn smuggle(rig: &Rig, app: &TestApp, wrong: &Value) {
    loosen(rig, true).await;
    test_kit::wait_until(PATIENCE, "the loose schema is in force", async || {
        app.patch_raw(wrong).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn an_app_that_a_newer_schema_refuses_keeps_serving_and_says_so() {
    let (_cluster, rig) = Rig::with_own_cluster().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;

    let wrong = json!({ "spec": { "engine": "quantum", "runtimeVersion": "2.0" } });
    smuggle(&rig, &app, &wrong).await;
    test_kit::wait_until(PATIENCE, "the app is degraded", async || {
        let degraded = app.raw_condition("Degraded").await;
        degraded["reason"] == "InvalidSpec" && degraded["status"] == "True"
    })
    .await;
    loosen(&rig, false).await;
    assert_eq!(app.deployment().await.status.unwrap().ready_replicas, Some(1));
    assert_eq!(
        app.container().await.image.as_deref(),
        Some("localhost/slipway-runtime:1.0"),
        "nothing of the wrong spec is applied"
    );

    let other = rig.app(json!({})).await;
    other.ready().await;

    test_kit::wait_until(PATIENCE, "the spec is corrected", async || {
        app.patch_raw(&json!({ "spec": { "engine": "m" } })).await.is_ok()
    })
    .await;
    let ready = app.ready().await;
    assert_eq!(condition(&ready, "Degraded").0, "False");
    assert!(is(&ready, "Ready", "True"));
}

/// Opens a tenant in three ways, and waits until it is closed again.
async fn assert_fenced(app: &TestApp) {
    let policies = app.objects::<NetworkPolicy>();
    let open: NetworkPolicy = serde_json::from_value(
        json!({ "metadata": { "name": "open" }, "spec": { "podSelector": {}, "egress": [{}] } }),
    )
    .unwrap();
    policies.create(&PostParams::default(), &open).await.unwrap();
    let gone = DeleteParams::default();
    policies.delete("default-deny", &gone).await.unwrap();
    let wide = Patch::Merge(json!({ "spec": { "egress": [{}] } }));
    policies
        .patch("runtime", &PatchParams::default(), &wide)
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "the tenant is closed", async || {
        let runtime = policies.get("runtime").await.unwrap().spec.unwrap();
        runtime.egress.unwrap().len() > 1
            && app.exists::<NetworkPolicy>("default-deny").await
            && !app.exists::<NetworkPolicy>("open").await
    })
    .await;
}

#[tokio::test]
async fn an_app_whose_spec_cannot_be_read_keeps_its_fences_and_waits_for_its_hosts() {
    let (_cluster, rig) = Rig::with_own_cluster().await;
    let _operator = rig.operator().await;
    let hosts = json!({ "hosts": ["a.shop.example"] });
    let (first, app) = (rig.app(hosts.clone()).await, rig.app(hosts).await);
    first.ready().await;
    app.until("is refused the host", |app| {
        reason(app, "RouteReady", "HostTaken")
    })
    .await;
    app.until("runs", |app| is(app, "WorkloadAvailable", "True"))
        .await;
    let wrong = json!({
        "metadata": { "annotations": { "apps.slipway.dev/suspended-by-ops": "phishing" } },
        "spec": { "engine": "quantum" },
    });
    smuggle(&rig, &app, &wrong).await;
    let until_routed = async |reason: &str| {
        test_kit::wait_until(PATIENCE, &format!("its route is {reason}"), async || {
            app.raw_condition("Degraded").await["reason"] == "InvalidSpec"
                && app.raw_condition("RouteReady").await["reason"] == reason
        })
        .await;
    };
    until_routed("HostTaken").await;
    assert_fenced(&app).await;
    first.change(json!({ "spec": { "hosts": [] } })).await.unwrap();
    until_routed("Suspended").await;
}

#[tokio::test]
async fn a_malformed_app_can_be_deleted() {
    let (_cluster, rig) = Rig::with_own_cluster().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    smuggle(&rig, &app, &json!({ "spec": { "limits": "many" } })).await;
    loosen(&rig, false).await;
    let raw = Api::<kube::api::DynamicObject>::namespaced_with(
        rig.client.clone(),
        &rig.namespace,
        &kube::api::ApiResource::erase::<app_crd::App>(&()),
    );
    raw.delete(&app.name, &Default::default()).await.unwrap();
    app.gone().await;
    let params = PatchParams::default();
    assert!(
        raw.patch(&app.name, &params, &Patch::Merge(json!({})))
            .await
            .is_err()
    );
}
