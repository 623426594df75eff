//! Every rule of the schema, both ways, as the API server has it.

use serde_json::{Value, json};

use crate::support::Rig;

async fn refusal(rig: &Rig, change: impl FnOnce(&mut Value)) -> String {
    let app = rig.unstored();
    let mut manifest = app.manifest(json!({}));
    change(&mut manifest);
    app.create(&manifest).await.unwrap_err().to_string()
}

async fn accepted(rig: &Rig, spec: Value) {
    let app = rig.unstored();
    app.create(&app.manifest(spec)).await.unwrap();
}

#[tokio::test]
async fn admit_an_app_with_defaults() {
    let rig = Rig::new().await;
    let app = rig.unstored();
    let mut manifest = app.manifest(json!({}));
    manifest["spec"]
        .as_object_mut()
        .unwrap()
        .retain(|key, _| ["appId", "region", "runtimeVersion"].contains(&key.as_str()));
    app.create(&manifest).await.unwrap();
    let stored = app.apps().get(&app.name).await.unwrap();
    assert_eq!(stored.spec.engine, app_crd::Engine::Dev);
    assert_eq!(stored.spec.replicas.min, 1);
    assert_eq!(stored.spec.limits.max_upload_mib, 20);
}

#[tokio::test]
async fn admit_only_an_app_named_after_its_id() {
    let rig = Rig::new().await;
    let error = refusal(&rig, |app| app["metadata"]["name"] = "my-recipes".into()).await;
    assert!(error.contains("an App is named after its appId"), "{error}");
}

#[tokio::test]
async fn admit_replicas_in_order_and_within_bounds() {
    let rig = Rig::new().await;
    for (replicas, sentence) in [
        (
            json!({ "min": 3, "max": 2 }),
            "replicas.min must not be greater than replicas.max",
        ),
        (json!({ "min": 0 }), "should be greater than or equal to 1"),
        (json!({ "min": 21 }), "should be less than or equal to 20"),
        (
            json!({ "min": 1, "max": 21 }),
            "should be less than or equal to 20",
        ),
    ] {
        let error = refusal(&rig, |app| app["spec"]["replicas"] = replicas).await;
        assert!(error.contains(sentence), "{error}");
    }
    for replicas in [
        json!({ "min": 1 }),
        json!({ "min": 2, "max": 2 }),
        json!({ "min": 1, "max": 20 }),
    ] {
        accepted(&rig, json!({ "replicas": replicas })).await;
    }
}

#[tokio::test]
async fn admit_one_replica_of_the_dev_engine() {
    let rig = Rig::new().await;
    for replicas in [json!({ "min": 2 }), json!({ "min": 1, "max": 2 })] {
        let error = refusal(&rig, |app| {
            app["spec"]["engine"] = "dev".into();
            app["spec"]["replicas"] = replicas;
        })
        .await;
        assert!(error.contains("the dev engine runs one replica"), "{error}");
    }
    accepted(
        &rig,
        json!({ "engine": "dev", "replicas": { "min": 1, "max": 1 } }),
    )
    .await;
}

#[tokio::test]
async fn admit_known_engines_and_regions() {
    let rig = Rig::new().await;
    for (key, value) in [("engine", "quantum"), ("region", "mars")] {
        let error = refusal(&rig, |app| app["spec"][key] = value.into()).await;
        assert!(error.contains("Unsupported value"), "{error}");
    }
    for engine in ["dev", "s", "m", "l", "xl"] {
        accepted(&rig, json!({ "engine": engine })).await;
    }
}

#[tokio::test]
async fn admit_hosts_that_are_names() {
    let rig = Rig::new().await;
    for host in [
        "localhost",
        "API.example.com",
        "https://a.example.com",
        "a.example.com:443",
        "*.example.com",
        "192.168.0.1",
    ] {
        let error = refusal(&rig, |app| app["spec"]["hosts"] = json!([host])).await;
        assert!(
            error.contains("a host is a lower-case DNS name"),
            "{host}: {error}"
        );
    }
    let many: Vec<String> = (0..21).map(|number| format!("h{number}.example.com")).collect();
    let error = refusal(&rig, |app| app["spec"]["hosts"] = json!(many)).await;
    assert!(error.contains("must have at most 20 items"), "{error}");
    let error = refusal(&rig, |app| {
        app["spec"]["hosts"] = json!(["a.example.com", "a.example.com"])
    })
    .await;
    assert!(error.contains("Duplicate value"), "{error}");
    accepted(&rig, json!({ "hosts": [] })).await;
    accepted(&rig, json!({ "hosts": many[..20] })).await;
}

#[tokio::test]
async fn admit_a_suspension_with_a_known_reason() {
    let rig = Rig::new().await;
    let error = refusal(&rig, |app| {
        app["spec"]["suspended"] = json!({ "reason": "Boredom" })
    })
    .await;
    assert!(error.contains("Unsupported value"), "{error}");
    let error = refusal(&rig, |app| app["spec"]["suspended"] = json!({})).await;
    assert!(error.contains("Required value"), "{error}");
    accepted(&rig, json!({ "suspended": { "reason": "TrialExpired" } })).await;
}

#[tokio::test]
async fn admit_a_runtime_version_that_is_a_tag_and_an_id_that_is_one() {
    let rig = Rig::new().await;
    for version in ["", "-1", "a b", "a/b"] {
        let error = refusal(&rig, |app| app["spec"]["runtimeVersion"] = version.into()).await;
        assert!(error.contains("spec.runtimeVersion"), "{version}: {error}");
    }
    let error = refusal(&rig, |app| app["spec"]["appId"] = "app_short".into()).await;
    assert!(error.contains("spec.appId"), "{error}");
}

#[tokio::test]
async fn admit_no_other_region_and_no_other_id() {
    let rig = Rig::new().await;
    let app = rig.app(json!({})).await;
    let error = app
        .change(json!({ "spec": { "region": "na" } }))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("region is immutable"), "{error}");
    let error = app
        .change(json!({ "spec": { "appId": "app_01jd4y0w7qk3v5x8z9a2b4c6df" } }))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("appId is immutable"), "{error}");
    app.change(json!({ "spec": { "engine": "xl" } })).await.unwrap();
}
