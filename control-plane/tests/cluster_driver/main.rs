//! The region driver for a cluster against real API servers; the test plays the operator.
#![allow(clippy::unwrap_used)]

#[path = "../cluster_support/mod.rs"]
mod cluster_support;

mod isolation;
mod lifecycle;
mod reports;
mod secrets;

use app_crd::App;
use cluster_support::{Cluster, Operator, name_of, new_app, until};
use control_plane::regions::kubernetes::KubernetesDriver;
use control_plane::regions::{DesiredApp, Engine, ObservedState, Region, RegionDriver, Sizing};
use serde_json::Value;

/// A new app, which serves.
async fn serving(cluster: &Cluster) -> (KubernetesDriver, Operator, DesiredApp) {
    let (driver, operator, app) = (cluster.driver().await, cluster.operator(), new_app(Region::Eu));
    driver.reconcile(&app).await.unwrap();
    operator.serves(&name_of(&app)).await;
    until(&driver, &app, ObservedState::Ready).await;
    (driver, operator, app)
}

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

fn sizing(engine: Engine, replicas: i32) -> Sizing {
    Sizing {
        engine,
        replicas_min: replicas,
        ..Sizing::default()
    }
}
