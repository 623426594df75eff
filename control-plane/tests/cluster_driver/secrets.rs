//! The Secret of an app, which the control plane may write but not read.

use app_crd::condition;
use control_plane::regions::{Region, RegionDriver};
use kube::api::DeleteParams;

use crate::cluster_support::{Cluster, PATIENCE, name_of};
use crate::{serving, settings_of};

#[tokio::test]
async fn a_secret_that_somebody_deletes_is_made_again_once_the_operator_misses_it() {
    let cluster = Cluster::new(Region::Eu).await;
    let (driver, operator, app) = serving(&cluster).await;
    let name = name_of(&app);

    let deleted = cluster.secrets().delete(&name, &DeleteParams::default()).await;
    deleted.unwrap();
    let missing = [
        (condition::READY, "False", "SecretMissing"),
        (condition::SECRETS_READY, "False", "SecretMissing"),
    ];
    operator.report(&name, &missing).await;
    test_kit::wait_until(PATIENCE, "the Secret is there again", async || {
        driver.reconcile(&app).await.unwrap();
        cluster.secrets().get_opt(&name).await.unwrap().is_some()
    })
    .await;
    assert_eq!(settings_of(&cluster, &app).await["appId"], app.application_id);
    let sent = cluster.road.sent();
    for _ in 0..50 {
        driver.reconcile(&app).await.unwrap();
    }
    assert!(cluster.road.sent() - sent < 5_000, "not at every look");
}
