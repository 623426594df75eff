//! Namespaces of others are never taken over, and hosts not either.

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::json;

use crate::support::{Rig, condition};

#[tokio::test]
async fn a_namespace_that_was_there_before_is_left_alone() {
    let rig = Rig::new().await;
    let app = rig.unstored();
    for annotations in [json!({}), json!({ "apps.slipway.dev/app-uid": "another" })] {
        let theirs: Namespace = serde_json::from_value(json!({
            "metadata": { "name": app.name, "annotations": annotations, "labels": { "apps.slipway.dev/app": app.name } },
        }))
        .unwrap();
        app.namespaces()
            .create(&PostParams::default(), &theirs)
            .await
            .unwrap();
        let operator = rig.operator().await;
        app.write_settings(json!({ "appId": "recipes" })).await;
        app.create(&app.manifest(json!({}))).await.unwrap();
        let stored = app
            .until("is refused the namespace", |app| {
                condition(app, "NamespaceReady") == ("False", "NamespaceConflict")
            })
            .await;
        assert_eq!(condition(&stored, "Ready"), ("False", "NamespaceConflict"));
        assert!(!app.exists::<ServiceAccount>("runtime").await);
        let untouched = app.namespaces().get(&app.name).await.unwrap();
        assert!(
            !untouched
                .metadata
                .labels
                .unwrap()
                .contains_key("app.kubernetes.io/managed-by")
        );

        app.delete().await;
        app.until_deleted().await;
        assert!(
            app.namespaces()
                .get(&app.name)
                .await
                .unwrap()
                .metadata
                .deletion_timestamp
                .is_none()
        );
        drop(operator);
        app.namespaces()
            .delete(&app.name, &DeleteParams::default())
            .await
            .unwrap();
        app.gone().await;
    }
}

#[tokio::test]
async fn a_namespace_that_is_freed_is_taken_then() {
    let rig = Rig::new().await;
    let app = rig.unstored();
    let theirs: Namespace = serde_json::from_value(json!({ "metadata": { "name": app.name } })).unwrap();
    app.namespaces()
        .create(&PostParams::default(), &theirs)
        .await
        .unwrap();
    let _operator = rig.operator().await;
    app.write_settings(json!({ "appId": "recipes" })).await;
    app.create(&app.manifest(json!({}))).await.unwrap();
    app.until("is refused the namespace", |app| {
        condition(app, "NamespaceReady").1 == "NamespaceConflict"
    })
    .await;
    app.namespaces()
        .delete(&app.name, &DeleteParams::default())
        .await
        .unwrap();
    app.ready().await;
}

#[tokio::test]
async fn a_host_stays_with_the_app_that_had_it_first() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let host = format!("{}.shop.example", rig.namespace);
    let first = rig.app(json!({ "hosts": [host] })).await;
    first.ready().await;
    // Creation times are whole seconds; of equals the smaller name counts as the older one, which this is.
    let second = rig
        .app(json!({ "hosts": [host, format!("{}.own.example", rig.namespace)] }))
        .await;
    let refused = second
        .until("is refused the host", |app| {
            condition(app, "RouteReady") == ("False", "HostTaken")
        })
        .await;
    assert_eq!(condition(&refused, "Ready").0, "False");
    let ingress = Api::<Ingress>::namespaced(rig.client.clone(), &second.name)
        .get("runtime")
        .await
        .unwrap();
    assert_eq!(ingress.spec.unwrap().rules.unwrap().len(), 1);

    first.change(json!({ "spec": { "hosts": [] } })).await.unwrap();
    first
        .until("has no route", |app| condition(app, "RouteReady").1 == "NoHosts")
        .await;
    second
        .change(json!({ "metadata": { "annotations": { "look": "again" } } }))
        .await
        .unwrap();
    second.ready().await;
}
