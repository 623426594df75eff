//! A region that is away: what runs there goes on, and everybody is told.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Person, Server};

const PATIENCE: Duration = Duration::from_secs(15);

async fn eu(person: &Person) -> Value {
    let answer = person.get("/api/v1/regions").await;
    let regions = answer.json["regions"].as_array().unwrap().clone();
    regions.into_iter().find(|region| region["id"] == "eu").unwrap()
}

async fn until_available(person: &Person, available: bool) -> Value {
    let what = format!("eu is available: {available}");
    test_kit::wait_until(PATIENCE, &what, async || {
        eu(person).await["available"] == available
    })
    .await;
    eu(person).await
}

#[tokio::test]
async fn apps_of_a_region_that_is_away_keep_their_state_and_changes_wait() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let there = until_available(&ada, true).await;
    assert_eq!(
        (&there["message"], &there["reason"]),
        (&Value::Null, &Value::Null)
    );

    server.driver.set_away(true);
    let away = until_available(&ada, false).await;
    assert_eq!(away["reason"], "away");
    let sentence = away["message"].as_str().unwrap();
    assert!(sentence.contains("Europe cannot be reached"), "{sentence}");
    assert!(
        !sentence.contains("No route"),
        "the cause is for the log: {sentence}"
    );
    let path = format!("/api/v1/apps/{id}");
    test_kit::wait_until(PATIENCE, "the owner is told", async || {
        ada.get(&path).await.json["app"]["status_message"] == sentence
    })
    .await;
    assert_eq!(ada.get(&path).await.json["app"]["status"], "ready");

    let made = ada.create_app("Made meanwhile").await;
    let body = json!({ "engine": "s", "replicas": { "min": 1 } });
    assert_eq!(ada.put(&format!("{path}/engine"), body).await.status, 200);
    assert!(server.driver.last(&made).is_none(), "it waits");
    assert_eq!(
        ada.get(&path).await.json["app"]["status"],
        "ready",
        "a change that waits takes nothing away"
    );

    server.driver.set_away(false);
    server.until_status(&ada, &made, "ready").await;
    let back = server.until_status(&ada, &id, "ready").await;
    assert_eq!(back.json["app"]["status_message"], Value::Null);
    assert_eq!(server.driver.last(&id).unwrap().sizing.engine.as_str(), "s");
    until_available(&ada, true).await;
}

#[tokio::test]
async fn another_region_keeps_the_control_plane_ready_while_one_is_away() {
    let server = Server::start().await;
    server.na.set_away(true);
    let answer = server.nobody().get("/readyz").await;
    assert_eq!((answer.status, &answer.json["status"]), (200, &json!("degraded")));
    assert_eq!(answer.json["reasons"][0]["part"], "region na");
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    assert_eq!(eu(&ada).await["available"], true);
}
