//! Specs that turned invalid by a newer schema: they say so, keep serving, and do not stop the others.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::support::{PATIENCE, Rig, condition, define, is};

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

#[tokio::test]
async fn an_app_that_a_newer_schema_refuses_keeps_serving_and_says_so() {
    let cluster = tokio::task::spawn_blocking(test_kit::Kubernetes::start)
        .await
        .unwrap();
    let rig = Rig::on(&cluster).await;
    define(&rig.client).await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;

    loosen(&rig, true).await;
    let wrong = json!({ "spec": { "engine": "quantum", "runtimeVersion": "2.0" } });
    test_kit::wait_until(PATIENCE, "the loose schema is in force", async || {
        app.patch_raw(&wrong).await.is_ok()
    })
    .await;
    test_kit::wait_until(PATIENCE, "the app is degraded", async || {
        let raw = app.raw().await;
        let conditions = raw["status"]["conditions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let degraded = conditions
            .iter()
            .find(|condition| condition["type"] == "Degraded")
            .cloned();
        degraded.is_some_and(|degraded| degraded["reason"] == "InvalidSpec" && degraded["status"] == "True")
    })
    .await;
    loosen(&rig, false).await;
    assert_eq!(app.deployment().await.status.unwrap().ready_replicas, Some(1));
    let image = app
        .deployment()
        .await
        .spec
        .unwrap()
        .template
        .spec
        .unwrap()
        .containers[0]
        .image
        .clone();
    assert_eq!(
        image.as_deref(),
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

#[tokio::test]
async fn a_malformed_app_can_be_deleted() {
    let cluster = tokio::task::spawn_blocking(test_kit::Kubernetes::start)
        .await
        .unwrap();
    let rig = Rig::on(&cluster).await;
    define(&rig.client).await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    loosen(&rig, true).await;
    let wrong = json!({ "spec": { "limits": "many" } });
    test_kit::wait_until(PATIENCE, "the loose schema is in force", async || {
        app.patch_raw(&wrong).await.is_ok()
    })
    .await;
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
