//! The control plane with two regions in two clusters: nothing of one region is ever in the other.
#![allow(clippy::unwrap_used)]

mod cluster_support;
#[path = "local_support/api.rs"]
mod local_api;

use base64::Engine;
use cluster_support::{Cluster, PATIENCE};
use control_plane::config::Config;
use control_plane::regions::Region;
use control_plane::startup::{self, Handle};
use local_api::Person;
use reqwest::Method;
use serde_json::{Value, json};

/// The settings of a control plane that serves both clusters.
fn settings(database: &str, clusters: [&Cluster; 2]) -> String {
    let kek = base64::engine::general_purpose::STANDARD.encode([7; 32]);
    let mut text = format!(
        "[server]\nport = 0\nworkers = 1\n[database]\nurl = \"{database}\"\n[secrets]\nkek = \"{kek}\"\n"
    );
    for cluster in clusters {
        let (region, namespace) = (cluster.region, &cluster.namespace);
        let kubeconfig = cluster.kubeconfig();
        text += &format!(
            "[regions.{region}]\ndriver = \"kubernetes\"\nkubeconfig = {kubeconfig:?}\nnamespace = \"{namespace}\"\n\
             domain = \"{region}.apps.slipway.localhost\"\nruntime_version = \"0.1.0\"\n\
             usage_report_url = \"http://slipway.slipway-system/internal/v1/usage\"\n"
        );
    }
    text
}

async fn serve(settings: &str) -> (Handle, String) {
    let config = Config::from_toml(settings).unwrap();
    let drivers = startup::drivers(&config).await.unwrap();
    let handle = startup::serve(config, drivers).await.unwrap();
    let base = format!("http://{}", handle.addr());
    (handle, base)
}

async fn create(person: &Person, region: Region) -> String {
    let body = json!({ "name": format!("Notes {region}"), "region": region });
    let (status, answer) = person.send(Method::POST, "/apps", Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    answer["app"]["id"].as_str().unwrap().to_owned()
}

fn name(id: &str) -> String {
    id.replace('_', "-")
}

async fn until_made(cluster: &Cluster, id: &str) {
    test_kit::wait_until(PATIENCE, &format!("{id} is made"), async || {
        cluster
            .names()
            .await
            .iter()
            .filter(|made| **made == name(id))
            .count()
            == 2
    })
    .await;
}

async fn region(person: &Person, id: &str) -> Value {
    let answer = person.send(Method::GET, "/regions", None).await.1;
    let regions = answer["regions"].as_array().unwrap().clone();
    regions.into_iter().find(|region| region["id"] == id).unwrap()
}

#[tokio::test]
async fn two_control_planes_keep_each_app_in_its_region_whatever_happens_to_the_other() {
    let (mut eu, na) = (Cluster::new(Region::Eu).await, Cluster::new(Region::Na).await);
    let database = test_kit::postgres().await;
    let settings = settings(database.url(), [&eu, &na]);
    let (first, base) = serve(&settings).await;
    let person = Person::sign_up(&base).await;
    let (second, _) = serve(&settings).await;

    let (mine, theirs) = (
        create(&person, Region::Eu).await,
        create(&person, Region::Na).await,
    );
    until_made(&eu, &mine).await;
    until_made(&na, &theirs).await;
    eu.operator().serves(&name(&mine)).await;
    na.operator().serves(&name(&theirs)).await;
    let app = person.until_status(&mine, "ready").await;
    let url = app["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with("https://notes") && url.ends_with(".eu.apps.slipway.localhost/parse"),
        "{url}"
    );
    person.until_status(&theirs, "ready").await;

    eu.road.cut().await;
    test_kit::wait_until(PATIENCE, "the console says that eu is away", async || {
        region(&person, "eu").await["available"] == false
    })
    .await;
    let told = async || person.app(&mine).await["status_message"].is_string();
    test_kit::wait_until(PATIENCE, "the owner is told", told).await;
    assert_eq!(
        person.app(&mine).await["status"],
        "ready",
        "the state it was last seen in"
    );
    let meanwhile = create(&person, Region::Eu).await;
    let paused = person
        .send(Method::POST, &format!("/apps/{theirs}/pause"), Some(json!({})))
        .await;
    assert_eq!(paused.0, 200, "{}", paused.1);
    test_kit::wait_until(PATIENCE, "na is worked on", async || {
        let app = na.apps().get(&name(&theirs)).await.unwrap();
        app.spec.suspended.is_some()
    })
    .await;
    na.operator().is_suspended(&name(&theirs)).await;
    person.until_status(&theirs, "suspended").await;
    assert_eq!(region(&person, "na").await["available"], true);

    eu.road.mend();
    until_made(&eu, &meanwhile).await;
    let app = person.until_status(&mine, "ready").await;
    test_kit::wait_until(PATIENCE, "all is well again", async || {
        person.app(&mine).await["status_message"].is_null()
            && region(&person, "eu").await["available"] == true
    })
    .await;
    assert_eq!(app["url"], url);
    assert!(
        na.names().await.iter().all(|made| *made == name(&theirs)),
        "na has its own app only"
    );
    assert!(
        !eu.names().await.contains(&name(&theirs)),
        "eu has its own apps only"
    );
    first.stop().await;
    second.stop().await;
}

#[tokio::test]
async fn a_release_that_comes_up_beside_another_waits_until_that_one_stops() {
    let (eu, na) = (Cluster::new(Region::Eu).await, Cluster::new(Region::Na).await);
    let database = test_kit::postgres().await;
    let settings = settings(database.url(), [&eu, &na]);
    let (old, base) = serve(&settings).await;
    let person = Person::sign_up(&base).await;
    let app = create(&person, Region::Eu).await;
    until_made(&eu, &app).await;
    let (new, base) = serve(&settings.replace("\"0.1.0\"", "\"0.2.0\"")).await;
    let there = Person::log_in(&base).await;
    let live = async || eu.apps().get(&name(&app)).await.unwrap();

    for title in ["Memos", "Journal", "Diary"] {
        let renamed = there
            .send(
                Method::PATCH,
                &format!("/apps/{app}"),
                Some(json!({ "name": title })),
            )
            .await;
        assert_eq!(renamed.0, 200, "{}", renamed.1);
        test_kit::wait_until(PATIENCE, "the change is applied", async || {
            live().await.metadata.annotations.unwrap()["apps.slipway.dev/display-name"] == title
        })
        .await;
        assert_eq!(live().await.spec.runtime_version, "0.1.0");
    }
    // Each name is in the settings, whose hash is in the spec.
    let applied = live().await.metadata.generation;
    assert_eq!(applied, Some(4), "each change is applied once, by one release");

    old.stop().await;
    test_kit::wait_until(PATIENCE, "the new release goes on", async || {
        live().await.spec.runtime_version == "0.2.0"
    })
    .await;
    new.stop().await;
}

#[tokio::test]
async fn a_database_restored_from_a_backup_is_applied_although_the_cluster_was_further() {
    let (eu, na) = (Cluster::new(Region::Eu).await, Cluster::new(Region::Na).await);
    let database = test_kit::postgres().await;
    let (handle, base) = serve(&settings(database.url(), [&eu, &na])).await;
    let person = Person::sign_up(&base).await;
    let app = create(&person, Region::Eu).await;
    until_made(&eu, &app).await;
    eu.operator().serves(&name(&app)).await;
    person.until_status(&app, "ready").await;

    // What the cluster keeps of the changes that the backup does not have.
    let ahead = json!({
        "metadata": { "annotations": { "apps.slipway.dev/generation": "41" } },
        "spec": { "engine": "s" },
    });
    let by_hand = kube::api::PatchParams::default();
    let patched = eu
        .apps()
        .patch(&name(&app), &by_hand, &kube::api::Patch::Merge(&ahead))
        .await;
    patched.unwrap();
    test_kit::wait_until(PATIENCE, "the app is as the database has it", async || {
        let live = eu.apps().get(&name(&app)).await.unwrap();
        live.spec.engine == app_crd::Engine::Dev
            && live.metadata.annotations.unwrap()["apps.slipway.dev/generation"] == "42"
    })
    .await;
    eu.operator().serves(&name(&app)).await;
    person.until_status(&app, "ready").await;
    handle.stop().await;
}
