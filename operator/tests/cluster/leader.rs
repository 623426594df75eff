//! One operator works at a time.

use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use slipway_operator::OperatorError;

use crate::support::{Fault, Faults, PATIENCE, Rig, is_work};

fn leads(operator: &crate::support::Running) -> bool {
    operator.metrics.leader.get() == 1
}

async fn rig() -> Rig {
    let mut rig = Rig::new().await;
    rig.extra = json!({ "leaderElection": { "leaseDuration": 6, "renewBefore": 2 } });
    rig
}

#[tokio::test]
async fn of_two_operators_one_works_and_the_other_takes_over() {
    let rig = rig().await;
    let idle = Faults::none();
    let first = rig.named_operator(&Faults::none(), "first").await;
    test_kit::wait_until(PATIENCE, "the first leads", async || leads(&first)).await;
    let work = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = work.clone();
    idle.set(move |request| {
        counter.fetch_add(
            usize::from(is_work(request)),
            std::sync::atomic::Ordering::Relaxed,
        );
        None
    });
    let second = rig.named_operator(&idle, "second").await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    assert!(leads(&first) && !leads(&second));
    assert_eq!(
        work.load(std::sync::atomic::Ordering::Relaxed),
        0,
        "who stands by asks for nothing but the list of Apps"
    );

    first.stop.cancel();
    test_kit::wait_until(PATIENCE, "the second leads", async || leads(&second)).await;
    app.change(json!({ "spec": { "runtimeVersion": "2.0" } }))
        .await
        .unwrap();
    app.runs("2.0").await;
}

#[tokio::test]
async fn an_operator_that_dies_is_followed_when_its_lease_ends() {
    let rig = rig().await;
    let faults = Faults::none();
    let first = rig.named_operator(&faults, "first").await;
    test_kit::wait_until(PATIENCE, "the first leads", async || leads(&first)).await;
    // Dead: it can neither renew its lease nor give it back.
    faults.set(|_| Some(Fault::Silence));
    drop(first);
    let second = rig.named_operator(&Faults::none(), "second").await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    assert!(leads(&second));
}

#[tokio::test]
async fn an_operator_that_renews_its_lease_goes_on() {
    let rig = rig().await;
    let first = rig.named_operator(&Faults::none(), "first").await;
    test_kit::wait_until(PATIENCE, "the first leads", async || leads(&first)).await;
    let leases = Api::<Lease>::namespaced(rig.client.clone(), &rig.namespace);
    let renewed = async || {
        let lease = leases.get("slipway-operator").await.unwrap();
        lease.spec.unwrap().renew_time.unwrap().0.as_second()
    };
    // More than two terms.
    let until = renewed().await + 13;
    test_kit::wait_until(PATIENCE, "the lease is renewed", async || {
        assert!(leads(&first) && !first.task.is_finished());
        renewed().await >= until
    })
    .await;
}

#[tokio::test]
async fn an_operator_that_loses_its_lease_stops() {
    let rig = rig().await;
    let faults = Faults::none();
    let mut first = rig.named_operator(&faults, "first").await;
    test_kit::wait_until(PATIENCE, "the first leads", async || leads(&first)).await;
    faults.set(|request| {
        request
            .uri()
            .path()
            .contains("/leases")
            .then_some(Fault::Answer(500))
    });
    let second = rig.named_operator(&Faults::none(), "second").await;
    // It learns from nobody that it leads no more; and never do two lead.
    test_kit::wait_until(PATIENCE, "the first leads no more", async || {
        assert!(!(leads(&first) && leads(&second)), "two operators lead");
        !leads(&first)
    })
    .await;
    let ended = tokio::time::timeout(PATIENCE, &mut first.task)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(ended, Err(OperatorError::LeaseLost)), "{ended:?}");
    test_kit::wait_until(PATIENCE, "the second leads", async || leads(&second)).await;
    let app = rig.app(json!({})).await;
    app.ready().await;
}

#[tokio::test]
async fn a_lease_that_nobody_renews_ends_whatever_its_time_says() {
    let rig = rig().await;
    let faults = Faults::none();
    let mut first = rig.named_operator(&faults, "first").await;
    test_kit::wait_until(PATIENCE, "the first leads", async || leads(&first)).await;
    // Who renews it is stuck, and the clock was set back since.
    faults.set(|request| {
        let renews = request.method() == http::Method::PATCH && request.uri().path().contains("/leases");
        renews.then_some(Fault::Silence)
    });
    let leases = Api::<Lease>::namespaced(rig.client.clone(), &rig.namespace);
    let later = Patch::Merge(json!({ "spec": { "renewTime": "2999-01-01T00:00:00.000000Z" } }));
    leases
        .patch("slipway-operator", &PatchParams::default(), &later)
        .await
        .unwrap();
    let ended = tokio::time::timeout(PATIENCE, &mut first.task).await;
    let ended = ended.unwrap().unwrap();
    assert!(matches!(ended, Err(OperatorError::LeaseLost)), "{ended:?}");
}
