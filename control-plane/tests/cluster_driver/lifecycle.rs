//! What the owner asks for reaches the cluster, from the creation of an app to its purge, once and at no cost.

use app_crd::SuspensionReason as Reason;
use control_plane::regions::{
    DesiredState, Engine, ObservedState, Purge, Region, RegionDriver, RegionError, SuspensionReason,
};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::cluster_support::{Cluster, PATIENCE, name_of, new_app, until};
use crate::{changed, live, serving, settings_of, sizing};

#[tokio::test]
async fn an_app_lives_from_its_creation_to_its_purge() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    let name = name_of(&app);
    driver.ready().await.unwrap();
    assert_eq!(
        driver.reconcile(&app).await.unwrap().state,
        ObservedState::Provisioning
    );

    let made = live(&cluster, &app).await;
    assert_eq!(
        made.spec.hosts,
        [format!("{}.eu.apps.slipway.localhost", app.application_id)]
    );
    assert_eq!(made.spec.runtime_version, "0.1.0");
    let secret = cluster.secrets().get(&name).await.unwrap();
    let owner = &secret.metadata.owner_references.unwrap()[0];
    assert_eq!(
        (&owner.kind, Some(&owner.uid)),
        (&"App".to_owned(), made.metadata.uid.as_ref())
    );
    let settings = settings_of(&cluster, &app).await;
    assert_eq!(settings["appId"], app.application_id);
    assert_eq!(settings["usageAppId"], app.id.as_str());
    for theirs in [
        "databaseURI",
        "host",
        "port",
        "serverURL",
        "publicServerURL",
        "engine",
    ] {
        assert!(settings.get(theirs).is_none(), "{theirs} is the operator's");
    }

    operator.serves(&name).await;
    tokio::time::timeout(PATIENCE, driver.changed())
        .await
        .expect("the driver notices");
    let ready = until(&driver, &app, ObservedState::Ready).await;
    let url = format!("https://{}.eu.apps.slipway.localhost/parse", app.application_id);
    assert_eq!((ready.url, ready.message), (Some(url), None));

    let large = changed(&app, |app| app.sizing = sizing(Engine::L, 2));
    let rolling = driver.reconcile(&large).await.unwrap();
    assert_eq!(
        (rolling.state, rolling.serves),
        (ObservedState::Restarting, Some(true))
    );
    assert_eq!(live(&cluster, &large).await.spec.replicas.min, 2);
    operator.serves(&name).await;
    until(&driver, &large, ObservedState::Ready).await;

    let deleted = changed(&large, |app| app.state = DesiredState::Deleted);
    assert_eq!(
        driver.reconcile(&deleted).await.unwrap().state,
        ObservedState::Restarting
    );
    assert!(
        live(&cluster, &deleted).await.spec.hosts.is_empty(),
        "nobody is led to it"
    );
    operator.is_suspended(&name).await;
    until(&driver, &deleted, ObservedState::Stopped).await;

    operator.holds_back(&name).await;
    let purged = changed(&deleted, |app| app.state = DesiredState::Purge);
    for _ in 0..3 {
        assert_eq!(driver.purge(&purged).await.unwrap(), Purge::UnderWay);
    }
    assert!(
        cluster.secrets().get_opt(&name).await.unwrap().is_some(),
        "the teardown may need it"
    );
    operator.lets_go(&name).await;
    test_kit::wait_until(PATIENCE, "nothing is left", async || {
        driver.purge(&purged).await.unwrap() == Purge::Done
    })
    .await;
    assert!(cluster.names().await.is_empty());
    assert_eq!(
        driver.purge(&purged).await.unwrap(),
        Purge::Done,
        "repeated after a crash"
    );
}

#[tokio::test]
async fn a_pause_ends_where_it_began() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = serving(&cluster).await;

    let paused = changed(&app, |app| app.suspended = Some(SuspensionReason::UserRequested));
    driver.reconcile(&paused).await.unwrap();
    let suspended = live(&cluster, &paused).await.spec;
    assert_eq!(suspended.suspended.unwrap().reason, Reason::UserRequested);
    assert!(!suspended.hosts.is_empty(), "its address tells why");
    operator.is_suspended(&name_of(&app)).await;
    until(&driver, &paused, ObservedState::Stopped).await;

    let resumed = changed(&paused, |app| app.suspended = None);
    let resuming = driver.reconcile(&resumed).await.unwrap();
    assert_eq!(
        (resuming.state, resuming.serves, resuming.message),
        (ObservedState::Restarting, Some(false), None)
    );
    assert!(live(&cluster, &resumed).await.spec.suspended.is_none());
    operator.serves(&name_of(&app)).await;
    until(&driver, &resumed, ObservedState::Ready).await;
}

#[tokio::test]
async fn new_keys_are_not_ready_before_the_operator_has_taken_them_up() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = serving(&cluster).await;
    let before = live(&cluster, &app).await.spec.settings_hash;

    let rotated = changed(&app, |app| app.keys.rest = "rest_rotated".into());
    assert_eq!(
        driver.reconcile(&rotated).await.unwrap().state,
        ObservedState::Restarting
    );
    assert_eq!(
        settings_of(&cluster, &rotated).await["restAPIKey"],
        "rest_rotated"
    );
    assert_ne!(live(&cluster, &rotated).await.spec.settings_hash, before);
    operator.serves(&name_of(&app)).await;
    until(&driver, &rotated, ObservedState::Ready).await;
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_put_back() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, _, app) = serving(&cluster).await;
    let patch = json!({ "spec": { "hosts": ["hijacked.example.com"] } });
    let patched = cluster
        .apps()
        .patch(&name_of(&app), &PatchParams::default(), &Patch::Merge(&patch))
        .await;
    patched.unwrap();
    tokio::time::timeout(PATIENCE, driver.changed())
        .await
        .expect("the driver notices");
    test_kit::wait_until(PATIENCE, "the host is the app's again", async || {
        driver.reconcile(&app).await.unwrap();
        let hosts = live(&cluster, &app).await.spec.hosts;
        hosts.len() == 1 && hosts[0].starts_with(&app.application_id)
    })
    .await;
}

#[tokio::test]
async fn an_app_that_breaks_a_rule_never_reaches_the_cluster() {
    let cluster = Cluster::new(Region::Eu).await;
    let driver = cluster.driver().await;
    let mut app = new_app(Region::Eu);
    app.sizing = sizing(Engine::Dev, 2);
    let refused = driver.reconcile(&app).await.unwrap_err();
    assert!(matches!(refused, RegionError::Refused(_)), "{refused:?}");
    assert!(
        refused.to_string().contains("the dev engine runs one replica"),
        "{refused}"
    );
    assert!(cluster.names().await.is_empty());
}

#[tokio::test]
async fn a_control_plane_that_is_behind_does_not_undo_what_another_has_done() {
    let cluster = Cluster::new(Region::Eu).await;
    let (behind, ahead) = (cluster.driver().await, cluster.driver().await);
    let app = new_app(Region::Eu);
    behind.reconcile(&app).await.unwrap();
    let newer = changed(&app, |app| app.sizing = sizing(Engine::M, 3));
    ahead.reconcile(&newer).await.unwrap();
    test_kit::wait_until(PATIENCE, "it says that the region is ahead", async || {
        matches!(behind.reconcile(&app).await, Err(RegionError::Ahead(2)))
    })
    .await;
    let spec = live(&cluster, &app).await.spec;
    assert_eq!((spec.engine, spec.replicas.min), (app_crd::Engine::M, 3));
    cluster.operator().serves(&name_of(&app)).await;
    until(&behind, &newer, ObservedState::Ready).await;
    until(&ahead, &newer, ObservedState::Ready).await;
}

#[tokio::test]
async fn a_generation_that_never_was_is_refused_and_told() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = serving(&cluster).await;
    let far =
        json!({ "metadata": { "annotations": { "apps.slipway.dev/generation": i64::MAX.to_string() } } });
    let patched = cluster
        .apps()
        .patch(&name_of(&app), &PatchParams::default(), &Patch::Merge(&far))
        .await;
    patched.unwrap();
    let renamed = changed(&app, |app| app.name = "Other".to_owned());
    let refused = driver.reconcile(&renamed).await.unwrap_err();
    assert!(matches!(refused, RegionError::Refused(_)), "{refused:?}");
    assert!(
        refused.to_string().contains("apps.slipway.dev/generation"),
        "{refused}"
    );
    assert_eq!(driver.serves(&renamed).await, Some(true), "it goes on");

    let none = json!({ "metadata": { "annotations": { "apps.slipway.dev/generation": null } } });
    let patched = cluster
        .apps()
        .patch(&name_of(&app), &PatchParams::default(), &Patch::Merge(&none))
        .await;
    patched.unwrap();
    test_kit::wait_until(PATIENCE, "it is applied", async || {
        driver.reconcile(&renamed).await.is_ok()
    })
    .await;
    operator.serves(&name_of(&app)).await;
    until(&driver, &renamed, ObservedState::Ready).await;
}

#[tokio::test]
async fn apps_at_rest_cost_the_api_server_nothing() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, app) = (cluster.driver().await, new_app(Region::Eu));
    driver.reconcile(&app).await.unwrap();
    cluster.operator().serves(&name_of(&app)).await;
    until(&driver, &app, ObservedState::Ready).await;
    let before = cluster.road.sent();
    for _ in 0..500 {
        driver.reconcile(&app).await.unwrap();
    }
    let sent = cluster.road.sent() - before;
    // A sign of life may fall into the loop; one request per look would be 500 times that.
    assert!(sent < 10_000, "{sent} bytes for 500 looks");
}
