//! The end of an App, interrupted at every step.

use app_crd::TeardownStep;
use http::Method;
use mongodb::bson::doc;
use serde_json::json;

use crate::support::{Fault, Faults, PATIENCE, Rig, at_every_request, condition, reason, strike};

#[tokio::test]
async fn the_steps_are_recorded_in_their_order() {
    let rig = Rig::new().await;
    let operator = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    drop(operator);
    app.delete().await;
    // The namespace is never seen to go, so that the record can be read.
    let namespace = format!("/api/v1/namespaces/{}", app.name);
    let faults = Faults::new(move |request| {
        (request.uri().path() == namespace && request.method() == Method::DELETE)
            .then_some(Fault::Answer(500))
    });
    let operator = rig.operator_with(&faults).await;
    let stuck = app
        .until("cannot delete its namespace", |app| {
            reason(app, "Degraded", "TeardownBlocked")
        })
        .await;
    let record = stuck.status.unwrap().teardown;
    let steps: Vec<_> = record
        .iter()
        .map(|entry| (entry.step, entry.done_at.is_some()))
        .collect();
    assert_eq!(
        steps,
        [
            (TeardownStep::Route, true),
            (TeardownStep::Workload, true),
            (TeardownStep::Database, true),
            (TeardownStep::Namespace, false)
        ]
    );
    faults.set(|_| None);
    app.gone().await;
    drop(operator);
}

#[tokio::test]
async fn an_operator_that_dies_at_any_step_is_followed_by_one_that_finishes() {
    let requests = at_every_request(async |at, fault| {
        let rig = Rig::new().await;
        let faults = Faults::none();
        let doomed = rig.operator_with(&faults).await;
        let app = rig.app(json!({})).await;
        app.ready().await;
        let struck = strike(&faults, at, fault);
        app.delete().await;
        let struck = tokio::select! {
            () = struck => true,
            () = app.gone() => false,
        };
        drop(doomed);
        let _heir = rig.operator().await;
        app.gone().await;
        assert_no_data(&rig, &app.id).await;
        struck
    })
    .await;
    assert!(requests > 8, "a teardown takes more than {requests} requests");
}

async fn assert_no_data(rig: &Rig, id: &ids::AppId) {
    let name = format!("app_{}", id.bare());
    let client = mongodb::Client::with_uri_str(rig.mongo.uri()).await.unwrap();
    let users = client
        .database(&name)
        .run_command(doc! { "usersInfo": &name })
        .await
        .unwrap();
    assert_eq!(users.get_array("users").unwrap().len(), 0);
}

#[tokio::test]
async fn a_database_that_is_down_holds_up_the_end_and_says_so() {
    let rig = Rig::new().await;
    let first = rig.operator().await;
    let app = rig.app(json!({})).await;
    app.ready().await;
    drop(first);
    rig.set_database("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300&connectTimeoutMS=300");
    let second = rig.operator().await;
    app.delete().await;
    let stuck = app
        .until("cannot drop its database", |app| {
            reason(app, "Degraded", "TeardownBlocked")
        })
        .await;
    assert_eq!(condition(&stuck, "Ready").0, "False");
    assert!(
        stuck
            .metadata
            .finalizers
            .is_some_and(|finalizers| !finalizers.is_empty())
    );
    drop(second);
    rig.set_database(rig.mongo.uri());
    let _third = rig.operator().await;
    app.gone().await;
    assert_no_data(&rig, &app.id).await;
}

#[tokio::test]
async fn an_app_that_is_deleted_before_it_was_made_goes_too() {
    let rig = Rig::new().await;
    let _operator = rig.operator().await;
    let app = rig.app_without_settings(json!({})).await;
    app.until("was seen", |app| reason(app, "SecretsReady", "SecretMissing"))
        .await;
    app.delete().await;
    app.gone().await;
    test_kit::wait_until(PATIENCE, "nothing is left of it", async || {
        app.namespaces().get_opt(&app.name).await.unwrap().is_none()
    })
    .await;
}
