//! What somebody else changes is put right, and what is not the operator's is left alone.

use std::fmt::Debug;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Secret, Service};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{PATIENCE, Rig, TestApp, is};

async fn merge<K>(api: &Api<K>, name: &str, patch: Value)
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    let params = PatchParams {
        field_manager: Some("somebody".to_owned()),
        ..PatchParams::default()
    };
    api.patch(name, &params, &Patch::Merge(patch)).await.unwrap();
}

#[tokio::test]
async fn a_deleted_object_comes_back() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let params = DeleteParams::default();
    app.objects::<NetworkPolicy>()
        .delete("default-deny", &params)
        .await
        .unwrap();
    app.objects::<Service>().delete("runtime", &params).await.unwrap();
    app.objects::<Ingress>().delete("runtime", &params).await.unwrap();
    app.objects::<Secret>().delete("runtime", &params).await.unwrap();
    app.objects::<Deployment>()
        .delete("runtime", &params)
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "everything is there again", async || {
        app.exists::<NetworkPolicy>("default-deny").await
            && app.exists::<Service>("runtime").await
            && app.exists::<Ingress>("runtime").await
            && app.exists::<Secret>("runtime").await
            && app.exists::<Deployment>("runtime").await
    })
    .await;
    app.ready().await;
}

#[tokio::test]
async fn a_changed_object_is_put_right() {
    let rig = Rig::new().await;
    let operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let policies = app.objects::<NetworkPolicy>();
    merge(&policies, "default-deny", json!({ "spec": { "ingress": [{}] } })).await;
    merge(
        &app.objects::<Service>(),
        "runtime",
        json!({ "spec": { "selector": { "apps.slipway.dev/app": "another" } } }),
    )
    .await;
    merge(
        &app.objects::<Deployment>(),
        "runtime",
        json!({ "spec": { "replicas": 7 } }),
    )
    .await;
    let labels = json!({ "metadata": { "labels": { "pod-security.kubernetes.io/enforce": "privileged" } } });
    let params = PatchParams {
        field_manager: Some("somebody".to_owned()),
        ..PatchParams::default()
    };
    app.namespaces()
        .patch(&app.name, &params, &Patch::Merge(labels))
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "everything is as it was", async || {
        let policy = app
            .objects::<NetworkPolicy>()
            .get("default-deny")
            .await
            .unwrap()
            .spec
            .unwrap();
        let selector = app
            .objects::<Service>()
            .get("runtime")
            .await
            .unwrap()
            .spec
            .unwrap()
            .selector
            .unwrap();
        let namespace: Namespace = app.namespaces().get(&app.name).await.unwrap();
        policy.ingress.unwrap_or_default().is_empty()
            && selector["apps.slipway.dev/app"] == app.name
            && app.deployment().await.spec.unwrap().replicas == Some(1)
            && namespace.metadata.labels.unwrap()["pod-security.kubernetes.io/enforce"] == "restricted"
    })
    .await;
    let text = operator.metrics.render();
    assert!(
        text.contains(r#"slipway_operator_drift_corrections_total{kind="Service"}"#),
        "{text}"
    );
}

#[tokio::test]
async fn labels_that_were_taken_away_come_back() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    for bare in [
        json!({ "app.kubernetes.io/managed-by": null, "apps.slipway.dev/app": null }),
        json!({ "apps.slipway.dev/app": null }),
        json!({ "apps.slipway.dev/app": "another" }),
    ] {
        let services = app.objects::<Service>();
        merge(&services, "runtime", json!({ "metadata": { "labels": bare } })).await;
        until_labelled(&services, "runtime", &app).await;
    }

    app.change(json!({ "spec": { "suspended": { "reason": "UserRequested" } } }))
        .await
        .unwrap();
    app.until("is suspended", |app| is(app, "Suspended", "True"))
        .await;
    let (answers, name) = (
        Api::<Ingress>::namespaced(app.client.clone(), &app.control),
        format!("{}-suspended", app.name),
    );
    let bare = json!({ "metadata": { "labels": { "app.kubernetes.io/managed-by": null } } });
    merge(&answers, &name, bare).await;
    until_labelled(&answers, &name, &app).await;
}

async fn until_labelled<K>(api: &Api<K>, name: &str, app: &TestApp)
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    test_kit::wait_until(PATIENCE, "the labels are back", async || {
        let object = api.get(name).await.unwrap();
        let labels = object.labels();
        labels.get("apps.slipway.dev/app") == Some(&app.name)
            && labels.contains_key("app.kubernetes.io/managed-by")
    })
    .await;
}

#[tokio::test]
async fn what_changed_while_no_operator_ran_is_put_right_at_the_start() {
    let rig = Rig::new().await;
    let first = rig.operator().await;
    let app = rig.app(json!({ "replicas": { "min": 1, "max": 3 } })).await;
    app.ready().await;
    drop(first);
    app.objects::<Service>()
        .delete("runtime", &DeleteParams::default())
        .await
        .unwrap();
    app.change(json!({ "spec": { "replicas": { "max": null } } }))
        .await
        .unwrap();
    let _second = rig.operator().await;
    test_kit::wait_until(
        PATIENCE,
        "the service is back and the autoscaler has gone",
        async || {
            use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
            app.exists::<Service>("runtime").await && !app.exists::<HorizontalPodAutoscaler>("runtime").await
        },
    )
    .await;
}

#[tokio::test]
async fn a_lost_password_is_replaced_by_another_that_works() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let before = app.settings().await["databaseURI"].clone();
    app.objects::<Secret>()
        .delete("database", &DeleteParams::default())
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "there is a new password", async || {
        app.settings().await["databaseURI"] != before
    })
    .await;
    let ready = app.ready().await;
    assert_eq!(ready.status.unwrap().database.unwrap().cluster, rig.cluster());
}
