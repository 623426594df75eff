//! From an App to a tenant and back.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota, Secret, Service, ServiceAccount};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use mongodb::bson::doc;
use serde_json::json;

use crate::support::{PATIENCE, Rig, condition, is};

#[tokio::test]
async fn an_app_becomes_a_tenant_and_goes_without_a_trace() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "replicas": { "min": 2 } })).await;
    app.ready().await;
    let complete = app.runs("1.0").await;
    let status = complete.status.unwrap();
    assert_eq!(
        status.url,
        Some(format!("https://{}.example.com/parse", app.id.bare()))
    );
    assert_eq!(
        (status.namespace.as_ref(), status.version.as_deref()),
        (Some(&app.name), Some("1.0"))
    );
    let database = status.database.unwrap();
    assert_eq!(
        (database.cluster, &database.name),
        (rig.cluster(), &format!("app_{}", app.id.bare()))
    );

    let namespace = app.namespaces().get(&app.name).await.unwrap();
    assert_eq!(
        namespace.metadata.labels.unwrap()["pod-security.kubernetes.io/enforce"],
        "restricted"
    );
    assert!(app.exists::<ServiceAccount>("runtime").await);
    assert!(
        app.exists::<NetworkPolicy>("default-deny").await && app.exists::<NetworkPolicy>("runtime").await
    );
    assert!(app.exists::<ResourceQuota>("tenant").await && app.exists::<LimitRange>("tenant").await);
    assert!(app.exists::<Service>("runtime").await && app.exists::<Ingress>("runtime").await);
    assert!(app.exists::<PodDisruptionBudget>("runtime").await);
    assert!(!app.exists::<HorizontalPodAutoscaler>("runtime").await);

    let settings = app.settings().await;
    assert_eq!(
        (&settings["appId"], &settings["engine"]),
        (&json!("recipes"), &json!("s"))
    );
    let client = mongodb::Client::with_uri_str(rig.mongo.uri()).await.unwrap();
    let tenants = client.database(&database.name);
    let users = tenants
        .run_command(doc! { "usersInfo": &database.name })
        .await
        .unwrap();
    assert_eq!(users.get_array("users").unwrap().len(), 1);
    tenants
        .collection("Note")
        .insert_one(doc! { "text": "hello" })
        .await
        .unwrap();

    app.delete().await;
    app.gone().await;
    let users = tenants
        .run_command(doc! { "usersInfo": &database.name })
        .await
        .unwrap();
    assert_eq!(users.get_array("users").unwrap().len(), 0);
    assert_eq!(tenants.list_collection_names().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_change_of_engine_version_or_key_rolls_the_pods_and_one_of_settings_reaches_them_as_they_are() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let hash = |deployment: k8s_openapi::api::apps::v1::Deployment| {
        let annotations = deployment
            .spec
            .unwrap()
            .template
            .metadata
            .unwrap()
            .annotations
            .unwrap();
        annotations["apps.slipway.dev/settings-hash"].clone()
    };
    let before = hash(app.deployment().await);

    app.change(json!({ "spec": { "engine": "m", "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    let changed = app.runs("2.0").await;
    assert!(is(&changed, "Ready", "True"));
    let container = app.container().await;
    assert_eq!(container.image.unwrap(), "localhost/slipway-runtime:2.0");
    assert_eq!(container.resources.unwrap().limits.unwrap()["cpu"].0, "1");
    let grown = hash(app.deployment().await);
    assert_ne!(grown, before, "the engine is one of the settings");

    app.write_settings(json!({ "appId": "recipes", "masterKey": "m", "appName": "Recipes" }))
        .await;
    test_kit::wait_until(PATIENCE, "the new name is in the mounted Secret", async || {
        app.settings().await["appName"] == "Recipes"
    })
    .await;
    assert_eq!(hash(app.deployment().await), grown);

    app.write_settings(json!({ "appId": "recipes", "masterKey": "another" }))
        .await;
    test_kit::wait_until(PATIENCE, "the new key is rolled out", async || {
        hash(app.deployment().await) != grown
    })
    .await;
    assert_eq!(app.settings().await["masterKey"], "another");
}

#[tokio::test]
async fn the_room_for_a_rollout_shrinks_when_the_larger_pods_have_gone() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "engine": "xl" })).await;
    app.ready().await;
    app.change(json!({ "spec": { "engine": "s", "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.runs("2.0").await;
    test_kit::wait_until(PATIENCE, "the quota is that of the smaller engine", async || {
        let quota = app.objects::<ResourceQuota>().get("tenant").await.unwrap();
        quota.spec.unwrap().hard.unwrap()["limits.memory"].0 == "1536Mi"
    })
    .await;
}

#[tokio::test]
async fn an_autoscaler_keeps_the_replicas_it_has_set() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({ "replicas": { "min": 3 } })).await;
    app.ready().await;

    app.change(json!({ "spec": { "replicas": { "min": 2, "max": 6 } } }))
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "there is an autoscaler", async || {
        app.exists::<HorizontalPodAutoscaler>("runtime").await
    })
    .await;
    app.ready().await;
    assert_eq!(
        app.deployment().await.spec.unwrap().replicas,
        Some(3),
        "letting go of the replicas must not change them"
    );

    let scale = json!({ "spec": { "replicas": 5 } });
    let (params, patch) = (kube::api::PatchParams::default(), kube::api::Patch::Merge(scale));
    app.objects::<k8s_openapi::api::apps::v1::Deployment>()
        .patch_scale("runtime", &params, &patch)
        .await
        .unwrap();
    app.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.runs("2.0").await;
    assert_eq!(app.deployment().await.spec.unwrap().replicas, Some(5));

    app.change(json!({ "spec": { "replicas": { "min": 2, "max": null } } }))
        .await
        .unwrap();
    test_kit::wait_until(PATIENCE, "the autoscaler has gone", async || {
        !app.exists::<HorizontalPodAutoscaler>("runtime").await
            && app.deployment().await.spec.unwrap().replicas == Some(2)
    })
    .await;
}

#[tokio::test]
async fn a_restart_is_asked_for_by_an_annotation() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let generation = app.deployment().await.metadata.generation;
    let at =
        json!({ "metadata": { "annotations": { "apps.slipway.dev/restarted-at": "2026-11-21T00:00:00Z" } } });
    app.change(at).await.unwrap();
    test_kit::wait_until(PATIENCE, "the pods are replaced", async || {
        app.deployment().await.metadata.generation > generation
    })
    .await;
    app.ready().await;
}

#[tokio::test]
async fn a_paused_app_is_left_alone_until_it_is_not() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    let pause = |value| json!({ "metadata": { "annotations": { "apps.slipway.dev/reconcile": value } } });
    app.change(pause(json!("paused"))).await.unwrap();
    let paused = app
        .until("is paused", |app| is(app, "ReconciliationPaused", "True"))
        .await;
    assert_eq!(
        condition(&paused, "Ready").0,
        "True",
        "what serves goes on serving"
    );

    app.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.delete().await;
    app.objects::<Service>()
        .delete("runtime", &Default::default())
        .await
        .unwrap();
    app.until("is still paused", |app| {
        is(app, "ReconciliationPaused", "True") && app.metadata.deletion_timestamp.is_some()
    })
    .await;
    assert!(app.exists::<Secret>("database").await);
    assert!(!app.exists::<Service>("runtime").await);

    app.change(pause(json!(null))).await.unwrap();
    app.gone().await;
}

#[tokio::test]
async fn apps_are_spread_over_database_clusters_by_room() {
    let mut rig = Rig::new().await;
    let uri = rig.settings().databases[0].uri_file.clone();
    let (one, two) = (format!("one-{}", rig.namespace), format!("two-{}", rig.namespace));
    let cluster = |name: &str, capacity| json!({ "name": name, "uriFile": uri, "capacity": capacity, "cidrs": ["203.0.113.1/32"] });
    rig.extra = json!({ "databases": [cluster(&one, 2), cluster(&two, 1)] });
    let _operator = rig.operator().await;
    let mut clusters = Vec::new();
    for _ in 0..3 {
        let app = rig.app(json!({ "hosts": [] })).await;
        clusters.push(app.ready().await.status.unwrap().database.unwrap().cluster);
    }
    clusters.sort();
    assert_eq!(clusters, [one.clone(), one, two]);
    let fourth = rig.app(json!({ "hosts": [] })).await;
    fourth
        .until("has no database", |app| {
            condition(app, "DatabaseReady") == ("False", "NoDatabaseCapacity")
        })
        .await;
    assert!(
        !fourth
            .exists::<k8s_openapi::api::apps::v1::Deployment>("runtime")
            .await
    );
}
