//! The region driver for a cluster against real API servers; the test plays the operator.
#![allow(clippy::unwrap_used)]

mod cluster_support;

use app_crd::{App, SuspensionReason as Reason, condition};
use cluster_support::{Cluster, PATIENCE, name_of, new_app};
use control_plane::regions::{
    DesiredApp, DesiredState, Engine, ObservedApp, ObservedState, Purge, Region, RegionDriver, RegionError,
    Sizing, SuspensionReason, kubernetes::KubernetesDriver,
};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

/// Reconciles until the app is `state`, as the worker would.
async fn until(driver: &KubernetesDriver, app: &DesiredApp, state: ObservedState) -> ObservedApp {
    let mut last = None;
    test_kit::wait_until(PATIENCE, &format!("{} is {state:?}", app.id), async || {
        let seen = driver.reconcile(app).await;
        let reached = seen.as_ref().is_ok_and(|seen| seen.state == state);
        last = Some(seen);
        reached
    })
    .await;
    last.unwrap().unwrap()
}

/// Type, status and reason of each.
type Conditions = &'static [(&'static str, &'static str, &'static str)];

async fn settings_of(cluster: &Cluster, app: &DesiredApp) -> Value {
    let secret = cluster.secrets().get(&name_of(app)).await.unwrap();
    let document = &secret.data.unwrap()["settings.json"];
    serde_json::from_slice(&document.0).unwrap()
}

async fn live(cluster: &Cluster, app: &DesiredApp) -> App {
    cluster.apps().get(&name_of(app)).await.unwrap()
}

/// The same app, changed by its owner.
fn changed(app: &DesiredApp, change: impl FnOnce(&mut DesiredApp)) -> DesiredApp {
    let mut next = app.clone();
    (next.observed_generation, next.generation) = (app.generation, app.generation + 1);
    change(&mut next);
    next
}

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
    assert_eq!(
        driver.reconcile(&large).await.unwrap().state,
        ObservedState::Restarting
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

fn sizing(engine: Engine, replicas: i32) -> Sizing {
    Sizing {
        engine,
        replicas_min: replicas,
        ..Sizing::default()
    }
}

#[tokio::test]
async fn a_pause_ends_where_it_began() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    driver.reconcile(&app).await.unwrap();
    operator.serves(&name_of(&app)).await;
    until(&driver, &app, ObservedState::Ready).await;

    let paused = changed(&app, |app| app.suspended = Some(SuspensionReason::UserRequested));
    driver.reconcile(&paused).await.unwrap();
    let suspended = live(&cluster, &paused).await.spec;
    assert_eq!(suspended.suspended.unwrap().reason, Reason::UserRequested);
    assert!(!suspended.hosts.is_empty(), "its address tells why");
    operator.is_suspended(&name_of(&app)).await;
    until(&driver, &paused, ObservedState::Stopped).await;

    let resumed = changed(&paused, |app| app.suspended = None);
    driver.reconcile(&resumed).await.unwrap();
    assert!(live(&cluster, &resumed).await.spec.suspended.is_none());
    operator.serves(&name_of(&app)).await;
    until(&driver, &resumed, ObservedState::Ready).await;
}

#[tokio::test]
async fn new_keys_are_not_ready_before_the_operator_has_taken_them_up() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    driver.reconcile(&app).await.unwrap();
    operator.serves(&name_of(&app)).await;
    until(&driver, &app, ObservedState::Ready).await;
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
async fn what_the_operator_says_reaches_the_owner_in_words_for_owners() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    let name = name_of(&app);
    driver.reconcile(&app).await.unwrap();
    use ObservedState::{Failing, Provisioning, Ready};
    let cases: [(Conditions, ObservedState, &str); 8] = [
        (
            &[
                (condition::READY, "False", "Rollout"),
                (condition::PROGRESSING, "True", "Rollout"),
            ],
            Provisioning,
            "",
        ),
        (
            &[
                (condition::READY, "True", "Serving"),
                (condition::PROGRESSING, "True", "RollingOut"),
            ],
            Provisioning,
            "",
        ),
        (
            &[
                (condition::READY, "False", "Starting"),
                (condition::WORKLOAD_AVAILABLE, "False", "Starting"),
            ],
            Provisioning,
            "",
        ),
        (
            &[
                (condition::READY, "False", "X"),
                (condition::DATABASE_READY, "False", "DatabaseUnreachable"),
            ],
            Failing,
            "The app's database does not answer (DatabaseUnreachable)",
        ),
        (
            &[
                (condition::READY, "False", "X"),
                (condition::WORKLOAD_AVAILABLE, "False", "ImagePullFailed"),
            ],
            Failing,
            "The app's processes do not become ready (ImagePullFailed)",
        ),
        (
            &[
                (condition::READY, "True", "Serving"),
                (condition::DEGRADED, "True", "InvalidSpec"),
            ],
            Ready,
            "The app serves, but something about it needs the people who run the platform (InvalidSpec)",
        ),
        (&[(condition::READY, "True", "Serving")], Ready, ""),
        // A replica is replaced, the others serve.
        (
            &[
                (condition::READY, "True", "Serving"),
                (condition::PROGRESSING, "True", "RollingOut"),
            ],
            Ready,
            "",
        ),
    ];
    for (conditions, state, words) in cases {
        operator.report(&name, conditions).await;
        test_kit::wait_until(PATIENCE, words, async || {
            let seen = driver.reconcile(&app).await.unwrap();
            let message = seen.message.unwrap_or_default();
            seen.state == state && message.starts_with(words) && message.is_empty() == words.is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn a_hold_by_the_people_who_run_the_platform_stays_and_is_told() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    let name = name_of(&app);
    driver.reconcile(&app).await.unwrap();
    let hold = json!({ "spec": { "suspended": { "reason": "AbuseHold" } } });
    let patched = cluster
        .apps()
        .patch(&name, &PatchParams::default(), &Patch::Merge(&hold))
        .await;
    patched.unwrap();
    operator
        .report(
            &name,
            &[
                (condition::READY, "False", "Suspended"),
                (condition::SUSPENDED, "True", "AbuseHold"),
            ],
        )
        .await;
    let seen = until(&driver, &app, ObservedState::Failing).await;
    assert!(
        seen.message
            .unwrap()
            .contains("suspended by the people who run the platform")
    );
    let renamed = changed(&app, |app| app.name = "Other".to_owned());
    driver.reconcile(&renamed).await.unwrap();
    assert_eq!(
        live(&cluster, &app).await.spec.suspended.unwrap().reason,
        Reason::AbuseHold
    );
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_put_back() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    driver.reconcile(&app).await.unwrap();
    operator.serves(&name_of(&app)).await;
    until(&driver, &app, ObservedState::Ready).await;
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
async fn a_region_that_is_away_says_so_and_comes_back_by_itself() {
    let mut eu = Cluster::new(Region::Eu).await;
    let na = Cluster::new(Region::Na).await;
    let (driver, app) = (eu.driver().await, new_app(Region::Eu));
    driver.reconcile(&app).await.unwrap();
    eu.operator().serves(&name_of(&app)).await;
    until(&driver, &app, ObservedState::Ready).await;

    eu.road.cut().await;
    let away = async || matches!(driver.reconcile(&app).await, Err(RegionError::Unreachable(_)));
    test_kit::wait_until(PATIENCE, "the region is away", away).await;
    assert!(
        driver
            .ready()
            .await
            .unwrap_err()
            .to_string()
            .contains("does not answer")
    );
    let (other, theirs) = (na.driver().await, new_app(Region::Na));
    other.ready().await.unwrap();
    other.reconcile(&theirs).await.unwrap();
    // Meanwhile: the owner rotates a key here, and the operator reports a failure there.
    let rotated = changed(&app, |app| app.keys.rest = "rest_rotated".into());
    let conditions = [
        (condition::READY, "False", "X"),
        (condition::DATABASE_READY, "False", "Down"),
    ];
    eu.operator().report(&name_of(&app), &conditions).await;
    while tokio::time::timeout(std::time::Duration::ZERO, driver.changed())
        .await
        .is_ok()
    {}

    eu.road.mend();
    tokio::time::timeout(PATIENCE, driver.changed())
        .await
        .expect("its return is news");
    test_kit::wait_until(PATIENCE, "the region is back", async || {
        driver.ready().await.is_ok()
    })
    .await;
    let seen = until(&driver, &app, ObservedState::Failing).await;
    assert!(
        seen.message.unwrap().contains("database"),
        "what happened meanwhile is seen"
    );
    driver.reconcile(&rotated).await.unwrap();
    assert_eq!(settings_of(&eu, &app).await["restAPIKey"], "rest_rotated");
}

#[tokio::test]
async fn no_app_is_applied_to_a_region_that_is_not_its_own() {
    let (eu, na) = (Cluster::new(Region::Eu).await, Cluster::new(Region::Na).await);
    let (app, theirs) = (new_app(Region::Eu), new_app(Region::Na));
    let refused = na.driver().await.reconcile(&app).await.unwrap_err();
    assert!(
        refused.to_string().contains("belongs to the region eu"),
        "{refused}"
    );
    let purge = na.driver().await.purge(&app).await.unwrap_err();
    assert!(matches!(purge, RegionError::Refused(_)), "{purge:?}");

    // The settings of one region lead to the cluster of the other.
    let mut crossed = na.settings();
    crossed.kubeconfig = Some(eu.kubeconfig());
    crossed.namespace = eu.namespace.clone();
    let driver = KubernetesDriver::new(crossed).await.unwrap();
    let unready = driver.ready().await.unwrap_err().to_string();
    assert!(
        unready.contains("says that it is `eu`") && unready.contains("regions.na.kubeconfig"),
        "{unready}"
    );
    assert!(driver.reconcile(&theirs).await.is_err() && driver.purge(&theirs).await.is_err());

    // A cluster that does not say whose it is may be anybody's.
    let nameless = Cluster::nameless(Region::Eu).await;
    let driver = nameless.driver().await;
    let unready = driver.ready().await.unwrap_err().to_string();
    assert!(unready.contains("create configmap slipway-region"), "{unready}");
    assert!(driver.reconcile(&app).await.is_err());
    for cluster in [&eu, &na, &nameless] {
        assert!(cluster.names().await.is_empty(), "{}", cluster.region);
    }
    nameless.call_it("eu").await;
    test_kit::wait_until(PATIENCE, "it is its own now", async || {
        driver.ready().await.is_ok()
    })
    .await;
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
