//! A suspension waits for nothing else, and is not claimed before it is so.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use http::Method;
use k8s_openapi::api::core::v1::{Pod, Secret};
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::json;

use crate::malformed::smuggle;
use crate::support::{Fault, Faults, PATIENCE, Rig, TestApp, condition, is, reason};

fn hold() -> serde_json::Value {
    json!({ "reason": "AbuseHold" })
}

async fn assert_stopped(app: &TestApp) {
    assert_eq!(app.deployment().await.spec.unwrap().replicas, Some(0));
    assert!(!app.exists::<Ingress>("runtime").await);
    let control = Api::<Ingress>::namespaced(app.client.clone(), &app.control);
    let answer = control.get_opt(&format!("{}-suspended", app.name)).await.unwrap();
    assert!(answer.is_some(), "the hosts lead to the reason");
}

#[tokio::test]
async fn an_app_without_its_settings_is_suspended_all_the_same() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "replicas": { "min": 1, "max": 3 } })).await;
    app.ready().await;
    let secrets = Api::<Secret>::namespaced(rig.client.clone(), &rig.namespace);
    secrets.delete(&app.name, &DeleteParams::default()).await.unwrap();
    app.until("lacks its settings", |app| {
        reason(app, "SecretsReady", "SecretMissing")
    })
    .await;

    app.change(json!({ "spec": { "suspended": hold() } }))
        .await
        .unwrap();
    let stopped = app
        .until("is suspended", |app| is(app, "Suspended", "True"))
        .await;
    assert_eq!(condition(&stopped, "Suspended").1, "AbuseHold");
    assert_eq!(condition(&stopped, "SecretsReady").1, "SecretMissing");
    assert_stopped(&app).await;

    app.write_settings(json!({ "appId": "recipes" })).await;
    app.change(json!({ "spec": { "suspended": null } }))
        .await
        .unwrap();
    app.ready().await;
}

#[tokio::test]
async fn an_app_whose_new_settings_are_on_their_way_is_suspended_all_the_same() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let change = json!({ "spec": { "settingsHash": "0".repeat(64), "suspended": hold() } });
    app.change(change).await.unwrap();
    app.until("is suspended", |app| is(app, "Suspended", "True"))
        .await;
    assert_stopped(&app).await;
}

#[tokio::test]
async fn an_app_whose_spec_cannot_be_read_is_suspended_by_hand_and_stays_so_when_that_is_lifted() {
    let (_cluster, rig) = Rig::with_own_cluster().await;
    let operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let wrong = json!({
        "metadata": { "annotations": { "apps.slipway.dev/suspended-by-ops": "phishing" } },
        "spec": { "engine": "quantum" },
    });
    smuggle(&rig, &app, &wrong).await;
    let has = async |kind: &str, reason: &str| {
        let found = app.raw_condition(kind).await;
        found["status"] == "True" && found["reason"] == reason
    };
    test_kit::wait_until(PATIENCE, "the app is suspended", async || {
        has("Suspended", "OpsHold").await && has("Degraded", "InvalidSpec").await
    })
    .await;
    assert_stopped(&app).await;

    let lifted = json!({ "metadata": { "annotations": { "apps.slipway.dev/suspended-by-ops": null } } });
    app.patch_raw(&lifted).await.unwrap();
    app.looked_at_again(&operator).await;
    assert!(has("Suspended", "OpsHold").await, "nothing has started it");
    for kind in ["Ready", "WorkloadAvailable"] {
        assert_eq!(app.raw_condition(kind).await["reason"], "Suspended", "{kind}");
    }
}

#[tokio::test]
async fn an_app_is_not_called_suspended_while_a_pod_of_it_is_ending() {
    let rig = Rig::new().await;
    let operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let pods = app.objects::<Pod>();
    let pod = pods.list(&ListParams::default()).await.unwrap().items.remove(0);
    let name = pod.metadata.name.unwrap();
    // As on a node that takes its time, or is lost.
    let hold_up = async |finalizers: &[&str]| {
        let patch = Patch::Merge(json!({ "metadata": { "finalizers": finalizers } }));
        pods.patch(&name, &PatchParams::default(), &patch).await.unwrap();
    };
    hold_up(&["example.com/ending"]).await;
    app.change(json!({ "spec": { "suspended": hold() } }))
        .await
        .unwrap();
    app.until("has no replicas", |app| {
        app.status.as_ref().is_some_and(|status| status.replicas == 0)
    })
    .await;
    app.looked_at_again(&operator).await;
    let ending = app.apps().get(&app.name).await.unwrap();
    assert_eq!(condition(&ending, "Suspended"), ("False", "Suspending"));
    hold_up(&[]).await;
    app.until("is suspended", |app| is(app, "Suspended", "True"))
        .await;
}

#[tokio::test]
async fn an_app_whose_hosts_cannot_be_switched_is_stopped_but_not_called_suspended() {
    let rig = Rig::new().await;
    let faults = Faults::none();
    let _operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    faults.set(|request| {
        let makes = request.method() == Method::PATCH && request.uri().path().contains("-suspended");
        makes.then_some(Fault::Answer(403))
    });
    app.change(json!({ "spec": { "suspended": hold() } }))
        .await
        .unwrap();
    let stored = app
        .until("has no replicas", |app| {
            let status = app.status.as_ref().unwrap();
            status.replicas == 0 && reason(app, "RouteReady", "Forbidden")
        })
        .await;
    assert_eq!(condition(&stored, "Suspended"), ("False", "Suspending"));
    assert_eq!(condition(&stored, "Ready").0, "False");
    faults.set(|_| None);
    app.until("is suspended", |app| is(app, "Suspended", "True"))
        .await;
    assert_stopped(&app).await;
}

/// Like the admission of ingress-nginx: of two Ingresses with one host it refuses the second; and it sees a deletion late.
fn one_ingress_a_host() -> Faults {
    let ingresses = Arc::new(Mutex::new((HashSet::new(), true)));
    Faults::new(move |request| {
        let path = request.uri().path();
        let name = path.split("/ingresses/").nth(1)?.to_owned();
        let (known, late) = &mut *ingresses.lock().unwrap();
        match *request.method() {
            Method::DELETE => {
                *late = known.remove(&name);
                None
            }
            Method::PATCH if known.iter().any(|other| *other != name) || std::mem::take(late) => {
                Some(Fault::Answer(400))
            }
            Method::PATCH => {
                known.insert(name);
                None
            }
            _ => None,
        }
    })
}

#[tokio::test]
async fn suspension_and_resumption_never_have_two_ingresses_of_one_host() {
    let rig = Rig::new().await;
    let _operator = rig.operator_with(&one_ingress_a_host()).await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    for _ in 0..2 {
        app.change(json!({ "spec": { "suspended": hold() } }))
            .await
            .unwrap();
        app.until("is suspended", |app| is(app, "Suspended", "True"))
            .await;
        assert_stopped(&app).await;
        app.change(json!({ "spec": { "suspended": null } }))
            .await
            .unwrap();
        app.ready().await;
        test_kit::wait_until(PATIENCE, "the hosts lead to the app", async || {
            app.exists::<Ingress>("runtime").await
        })
        .await;
    }
}
