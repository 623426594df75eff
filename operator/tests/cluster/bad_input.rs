//! What goes wrong around an App: each a condition with a reason, and nothing half-made that looks ready.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, ResourceQuota, Secret};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::json;

use crate::support::{PATIENCE, Rig, condition, is, reason};

#[tokio::test]
async fn settings_that_are_missing_are_waited_for() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app_without_settings(json!({})).await;
    let waiting = app
        .until("lacks its settings", |app| {
            condition(app, "SecretsReady") == ("False", "SecretMissing")
        })
        .await;
    assert_eq!(condition(&waiting, "Ready"), ("False", "SecretMissing"));
    assert_eq!(condition(&waiting, "WorkloadAvailable").0, "False");
    assert!(waiting.status.unwrap().observed_generation.is_none());
    assert!(!app.exists::<Deployment>("runtime").await);
    app.write_settings(json!({ "appId": "recipes" })).await;
    app.ready().await;

    let secrets = Api::<Secret>::namespaced(rig.client.clone(), &rig.namespace);
    secrets.delete(&app.name, &DeleteParams::default()).await.unwrap();
    app.until("lacks its settings again", |app| {
        reason(app, "SecretsReady", "SecretMissing")
    })
    .await;
    assert_eq!(
        app.deployment().await.status.unwrap().ready_replicas,
        Some(1),
        "it keeps serving"
    );
    // Its fences take nothing of its settings.
    app.objects::<NetworkPolicy>()
        .delete("default-deny", &DeleteParams::default())
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "it is fenced again", async || {
        app.exists::<NetworkPolicy>("default-deny").await
    })
    .await;
}

#[tokio::test]
async fn settings_that_are_no_settings_are_refused() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app_without_settings(json!({})).await;
    app.write_settings(json!(["not", "an", "object"])).await;
    app.until("has wrong settings", |app| {
        condition(app, "SecretsReady") == ("False", "SettingsInvalid")
    })
    .await;
    app.write_settings(json!({ "appId": "recipes" })).await;
    app.ready().await;
}

#[tokio::test]
async fn settings_of_another_generation_are_waited_for() {
    use sha2::{Digest, Sha256};
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    let before = app.ready().await.metadata.generation;
    let next = json!({ "appId": "recipes", "masterKey": "next" });
    let hash = Sha256::digest(next.to_string())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    app.change(json!({ "spec": { "settingsHash": hash } }))
        .await
        .unwrap();
    let waiting = app
        .until("waits for its settings", |app| {
            condition(app, "Progressing") == ("True", "Waiting")
        })
        .await;
    assert!(is(&waiting, "Ready", "True"), "what serves goes on serving");
    let status = waiting.status.unwrap();
    assert_eq!(status.observed_generation, before);
    for kind in ["Ready", "WorkloadAvailable"] {
        let found = status.conditions.iter().find(|condition| condition.type_ == kind);
        let about = found.unwrap().observed_generation;
        assert_eq!(about, before, "{kind} is about the spec that runs");
    }
    app.write_settings(next).await;
    app.ready().await;
    assert_eq!(app.settings().await["masterKey"], "next");
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled_is_named_and_the_old_version_serves() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "runtimeVersion": "bad" })).await;
    let stuck = app
        .until("has no image", |app| {
            reason(app, "WorkloadAvailable", "ImagePullBackOff")
        })
        .await;
    assert_eq!(condition(&stuck, "Ready"), ("False", "ImagePullBackOff"));
    assert_eq!(condition(&stuck, "Degraded"), ("True", "ImagePullBackOff"));
    app.change(json!({ "spec": { "runtimeVersion": "1.0" } }))
        .await
        .unwrap();
    app.runs("1.0").await;

    app.change(json!({ "spec": { "runtimeVersion": "bad2" } }))
        .await
        .unwrap();
    let stuck = app
        .until("has no image again", |app| {
            reason(app, "Degraded", "ImagePullBackOff")
        })
        .await;
    assert!(is(&stuck, "Ready", "True") && is(&stuck, "Progressing", "True"));
    assert_eq!(stuck.status.unwrap().version.as_deref(), Some("1.0"));
}

#[tokio::test]
async fn a_full_quota_is_named() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig
        .app(json!({ "suspended": { "reason": "UserRequested" } }))
        .await;
    app.until("is suspended", |app| {
        is(app, "Suspended", "True") && app.status.as_ref().unwrap().observed_generation == Some(1)
    })
    .await;
    test_kit::wait_until(PATIENCE, "the quota counts", async || {
        let quota = app.objects::<ResourceQuota>().get("tenant").await.unwrap();
        quota.status.is_some_and(|status| status.used.is_some())
    })
    .await;
    let pods = app.objects::<Pod>();
    for number in 0..3 {
        pods.create(&PostParams::default(), &squatter(number))
            .await
            .unwrap();
    }
    app.change(json!({ "spec": { "suspended": null } }))
        .await
        .unwrap();
    let stuck = app
        .until("has no room", |app| reason(app, "Degraded", "QuotaExceeded"))
        .await;
    assert_eq!(condition(&stuck, "Ready"), ("False", "QuotaExceeded"));
    for number in 0..3 {
        pods.delete(&format!("squatter-{number}"), &DeleteParams::default())
            .await
            .unwrap();
    }
    app.objects::<Deployment>().restart("runtime").await.unwrap();
    app.ready().await;
}

fn squatter(number: usize) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": format!("squatter-{number}") },
        "spec": {
            "serviceAccountName": "runtime",
            "securityContext": { "runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{
                "name": "squatter", "image": "localhost/squatter:1",
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
            }],
        },
    }))
    .unwrap()
}

#[tokio::test]
async fn a_database_that_is_down_holds_up_new_apps_and_not_old_ones() {
    let rig = Rig::new().await;
    let first = rig.operator().await;
    let old = rig.app(json!({})).await;
    old.ready().await;
    drop(first);

    rig.set_database("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300&connectTimeoutMS=300");
    let second = rig.operator().await;
    let new = rig.app(json!({})).await;
    let stuck = new
        .until("has no database", |app| {
            !is(app, "DatabaseReady", "True") && !condition(app, "DatabaseReady").0.is_empty()
        })
        .await;
    assert_eq!(condition(&stuck, "Ready").0, "False");
    assert!(!new.exists::<Deployment>("runtime").await);
    old.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    let old_stuck = old
        .until("says that its database is down", |app| {
            reason(app, "DatabaseReady", "DatabaseUnavailable")
        })
        .await;
    assert!(is(&old_stuck, "WorkloadAvailable", "True"));
    drop(second);

    rig.set_database(rig.mongo.uri());
    let _third = rig.operator().await;
    new.ready().await;
    old.ready().await;
}

#[tokio::test]
async fn an_app_of_another_region_gets_nothing() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "region": "na" })).await;
    app.until("is in the wrong region", |app| {
        condition(app, "Degraded") == ("True", "WrongRegion")
    })
    .await;
    assert!(app.namespaces().get_opt(&app.name).await.unwrap().is_none());
    app.delete().await;
    app.until_deleted().await;
}
