//! Requests that fail, watches that end, servers that go, operators that die: in the end every tenant is as its spec says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use k8s_openapi::api::core::v1::ResourceQuota;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::support::{Fault, Faults, PATIENCE, Rig, TestApp, at_every_request, is_work, strike};

/// Everything of a complete tenant, by one that was made undisturbed.
async fn assert_complete(app: &TestApp) {
    use k8s_openapi::api::core::v1::{LimitRange, Secret, Service, ServiceAccount};
    use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
    assert!(app.exists::<ServiceAccount>("runtime").await);
    assert!(
        app.exists::<NetworkPolicy>("default-deny").await && app.exists::<NetworkPolicy>("runtime").await
    );
    assert!(app.exists::<ResourceQuota>("tenant").await && app.exists::<LimitRange>("tenant").await);
    assert!(app.exists::<Secret>("runtime").await && app.exists::<Secret>("database").await);
    assert!(app.exists::<Service>("runtime").await && app.exists::<Ingress>("runtime").await);
    let password = |uri: &str| {
        uri.split(':')
            .nth(2)
            .unwrap()
            .split('@')
            .next()
            .unwrap()
            .to_owned()
    };
    let secret = app.objects::<Secret>().get("database").await.unwrap();
    let stored = String::from_utf8(secret.data.unwrap()["password"].0.clone()).unwrap();
    assert_eq!(
        password(app.settings().await["databaseURI"].as_str().unwrap()),
        stored
    );
}

#[tokio::test]
async fn an_operator_that_dies_at_any_request_of_a_birth_is_followed_by_one_that_finishes() {
    let requests = at_every_request(async |at, fault| {
        let rig = Rig::new().await;
        let faults = Faults::none();
        let struck = strike(&faults, at, fault);
        let doomed = rig.operator_with(&faults).await;
        let app = rig.app(json!({})).await;
        let struck = tokio::select! {
            () = struck => true,
            _ = app.ready() => false,
        };
        drop(doomed);
        let _heir = rig.operator().await;
        app.ready().await;
        assert_complete(&app).await;
        app.delete().await;
        app.gone().await;
        struck
    })
    .await;
    assert!(requests > 12, "a birth takes more than {requests} requests");
}

#[tokio::test]
async fn what_a_broken_off_request_used_of_the_quota_does_not_hold_up_a_birth() {
    let rig = Rig::new().await;
    let faults = Faults::new(|request| {
        let makes_service = request.uri().path().ends_with("/services/runtime");
        makes_service.then_some(Fault::Answer(503))
    });
    let _operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    let quotas = app.objects::<ResourceQuota>();
    test_kit::wait_until(PATIENCE, "the quota counts services", async || {
        let quota = quotas.get_opt("tenant").await.unwrap();
        let used = quota.and_then(|quota| quota.status?.used);
        used.is_some_and(|used| used.contains_key("services"))
    })
    .await;
    // A server whose client goes away between the charge and the creation leaves this.
    let charged = Patch::Merge(json!({ "status": { "used": { "services": "1" } } }));
    quotas
        .patch_status("tenant", &PatchParams::default(), &charged)
        .await
        .unwrap();
    faults.set(|_| None);
    app.ready().await;
}

#[tokio::test]
async fn refusals_of_every_kind_are_lived_through() {
    let rig = Rig::new().await;
    for code in [409, 429, 500, 503, 504] {
        // Three of ten, scattered, so that each look meets with refusals and none always with the same one.
        let mut count = 0;
        let faults = Faults::new(move |request| {
            count += usize::from(is_work(request));
            (is_work(request) && count * 7 % 10 < 3).then_some(Fault::Answer(code))
        });
        let _operator = rig.operator_with(&faults).await;
        let app = rig.app(json!({ "replicas": { "min": 2 } })).await;
        app.ready().await;
        assert_complete(&app).await;
        app.delete().await;
        app.gone().await;
    }
}

#[tokio::test]
async fn a_server_that_is_too_busy_is_not_hammered() {
    let rig = Rig::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let faults = Faults::new(move |request| {
        let work = is_work(request);
        counter.fetch_add(usize::from(work), Ordering::Relaxed);
        work.then_some(Fault::Answer(429))
    });
    let _operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    test_kit::wait_until(PATIENCE, "it was tried a few times", async || {
        asked.load(Ordering::Relaxed) >= 3
    })
    .await;
    let (start, before) = (tokio::time::Instant::now(), asked.load(Ordering::Relaxed));
    test_kit::wait_until(PATIENCE, "it was tried again", async || {
        asked.load(Ordering::Relaxed) > before + 1
    })
    .await;
    assert!(
        start.elapsed() > Duration::from_secs(1),
        "two attempts within {:?}",
        start.elapsed()
    );
    faults.set(|_| None);
    app.ready().await;
}

#[tokio::test]
async fn connections_that_break_after_the_work_was_done_do_not_double_it() {
    let rig = Rig::new().await;
    let mut count = 0;
    let faults = Faults::new(move |request| {
        count += usize::from(is_work(request));
        // Two of five, so that no request of a look always has bad luck.
        (is_work(request) && [0, 2].contains(&(count % 5))).then_some(Fault::Broken)
    });
    let _operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    assert_complete(&app).await;
}

#[tokio::test]
async fn watches_that_end_start_again() {
    let rig = Rig::new().await;
    let faults = Faults::none();
    let _operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    // Each watch is refused a few times, with the answer that makes it list anew.
    let mut refused = 0;
    faults.set(move |request| {
        let watch = request.uri().query().unwrap_or_default().contains("watch=true");
        refused += usize::from(watch);
        (watch && refused <= 30).then_some(Fault::Answer(410))
    });
    app.objects::<k8s_openapi::api::core::v1::Service>()
        .delete("runtime", &Default::default())
        .await
        .unwrap();
    let other = rig.app(json!({})).await;
    other.ready().await;
    test_kit::wait_until(PATIENCE, "the service is back", async || {
        app.exists::<k8s_openapi::api::core::v1::Service>("runtime").await
    })
    .await;
}

#[tokio::test]
async fn the_api_server_may_go_in_the_middle_of_a_birth() {
    let (mut cluster, rig) = Rig::with_own_cluster().await;
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    let faults = Faults::new(move |request| {
        counter.fetch_add(
            usize::from(is_work(request) && request.method() != Method::GET),
            Ordering::Relaxed,
        );
        None
    });
    let operator = rig.operator_with(&faults).await;
    let app = rig.app(json!({})).await;
    test_kit::wait_until(PATIENCE, "the birth is under way", async || {
        seen.load(Ordering::Relaxed) >= 4
    })
    .await;
    cluster = tokio::task::spawn_blocking(move || {
        cluster.stop_server();
        cluster.start_server();
        cluster
    })
    .await
    .unwrap();
    app.ready().await;
    assert_complete(&app).await;
    app.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.runs("2.0").await;
    assert!(!operator.task.is_finished(), "the operator itself lived on");
    drop(cluster);
}
