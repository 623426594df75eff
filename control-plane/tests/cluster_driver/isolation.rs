//! Two regions: one is away while the other works on, and neither touches what is the other's.

use app_crd::condition;
use control_plane::regions::{
    ObservedState, Region, RegionDriver, RegionError, kubernetes::KubernetesDriver,
};

use crate::cluster_support::{Cluster, PATIENCE, name_of, new_app, until};
use crate::{changed, settings_of};

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
