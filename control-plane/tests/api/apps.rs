//! An app's life: created, shown, renamed, deleted, undeleted, purged.

use chrono::TimeDelta;
use control_plane::regions::DesiredState;
use serde_json::{Value, json};

use crate::support::Server;

#[tokio::test]
async fn nobody_creates_no_app() {
    let server = Server::start().await;
    let answer = server
        .nobody()
        .post("/api/v1/apps", json!({ "name": "Shop", "region": "eu" }))
        .await;
    assert_eq!(answer.error(), (401, "not_signed_in"));
}

#[tokio::test]
async fn an_app_cannot_be_created_in_the_organization_of_somebody_else() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let organization = bob.get("/api/v1/session").await.json["organizations"][0]["id"].clone();
    for organization in [
        organization,
        json!("org_00000000000000000000000000"),
        json!("nonsense"),
    ] {
        let body = json!({ "name": "Shop", "region": "eu", "organization_id": organization });
        assert_eq!(ada.post("/api/v1/apps", body).await.error(), (404, "not_found"));
    }
}

#[tokio::test]
async fn a_wrong_name_or_region_is_named() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let long = "x".repeat(61);
    for name in ["", "  ", "a\nb", long.as_str()] {
        let answer = ada
            .post("/api/v1/apps", json!({ "name": name, "region": "mars" }))
            .await;
        assert_eq!(answer.error(), (422, "invalid_input"));
        assert!(!answer.field("name").is_empty(), "{name:?}");
        assert_eq!(answer.field("region"), "must be eu or na.");
    }
}

#[tokio::test]
async fn a_new_app_is_provisioned_and_becomes_ready() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let created = ada
        .post("/api/v1/apps", json!({ "name": " Recipe Box ", "region": "na" }))
        .await;
    assert_eq!(created.status, 201, "{}", created.text);
    let app = &created.json["app"];
    assert_eq!(
        (&app["name"], &app["region"]),
        (&json!("Recipe Box"), &json!("na"))
    );
    assert_eq!(
        (&app["status"], &app["url"]),
        (&json!("provisioning"), &Value::Null)
    );
    assert_eq!(app["created_at"], "2027-03-10T12:00:00Z");
    assert!(
        app["application_id"].as_str().unwrap().starts_with("recipebox-"),
        "{app}"
    );

    let id = app["id"].as_str().unwrap();
    let ready = server.until_status(&ada, id, "ready").await;
    assert!(ready.json["app"]["url"].as_str().unwrap().ends_with("/parse"));
    let desired = server.na.last(id).unwrap();
    assert_eq!(desired.name, "Recipe Box");
    assert_eq!(desired.stage, "building");
}

#[tokio::test]
async fn apps_are_listed_in_pages() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    for name in ["one", "two", "three"] {
        ada.create_app(name).await;
    }
    let first = ada.get("/api/v1/apps?limit=2").await;
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/api/v1/apps?limit=2&cursor={cursor}")).await;
    assert_eq!(second.json["next_cursor"], Value::Null);
    let mut names: Vec<&str> = [&first, &second]
        .iter()
        .flat_map(|page| page.json["apps"].as_array().unwrap())
        .map(|app| app["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "three", "two"], "each app is on one page");
    for query in ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "colour=red"] {
        assert_eq!(
            ada.get(&format!("/api/v1/apps?{query}")).await.error(),
            (422, "invalid_input"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn renaming_keeps_the_application_id_and_reaches_the_region() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let before = server.until_status(&ada, &id, "ready").await;
    let path = format!("/api/v1/apps/{id}");
    assert_eq!(
        ada.patch(&path, json!({ "name": "" })).await.error(),
        (422, "invalid_input")
    );
    let renamed = ada.patch(&path, json!({ "name": "Market" })).await;
    assert_eq!(renamed.json["app"]["name"], "Market");
    assert_eq!(
        renamed.json["app"]["application_id"],
        before.json["app"]["application_id"]
    );
    server.until_status(&ada, &id, "ready").await;
    assert_eq!(server.driver.last(&id).unwrap().name, "Market");
}

#[tokio::test]
async fn an_app_that_is_given_something_new_says_whether_it_serves_meanwhile() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let ready = server.until_status(&ada, &id, "ready").await;
    assert_eq!(ready.json["app"]["serves"], true);
    for (serving, name) in [(true, "Stall"), (false, "Kiosk")] {
        server.driver.set_rolling(Some(serving));
        let path = format!("/api/v1/apps/{id}");
        assert_eq!(ada.patch(&path, json!({ "name": name })).await.status, 200);
        let what = format!("it serves on its way: {serving}");
        test_kit::wait_until(std::time::Duration::from_secs(10), &what, async || {
            let app = ada.get(&path).await.json["app"].clone();
            app["status"] == "restarting" && app["serves"] == serving && app["url"].is_string()
        })
        .await;
    }
}

#[tokio::test]
async fn a_deleted_app_stops_is_hidden_and_comes_back_with_its_keys() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let path = format!("/api/v1/apps/{id}");
    let keys = ada.get(&format!("{path}/keys")).await.json;

    let deleted = ada.delete(&path).await;
    assert_eq!(deleted.json["app"]["status"], "deleted");
    assert_eq!(deleted.json["app"]["purge_after"], "2027-03-24T12:00:00Z");
    // Whether it still serves is the region's business, and may have changed by now.
    let but_serving = |mut answer: Value| {
        answer["app"].as_object_mut().unwrap().remove("serves");
        answer
    };
    let repeated = ada.delete(&path).await.json;
    assert_eq!(
        but_serving(repeated),
        but_serving(deleted.json),
        "repeating it changes nothing"
    );
    assert_eq!(ada.get("/api/v1/apps").await.json["apps"], json!([]));
    assert_eq!(
        ada.get("/api/v1/apps?include_deleted=true").await.json["apps"][0]["id"],
        id.as_str()
    );
    assert_eq!(
        ada.patch(&path, json!({ "name": "Market" })).await.error(),
        (409, "app_deleted")
    );
    test_kit::wait_until(
        std::time::Duration::from_secs(10),
        "the region stops it",
        async || {
            server
                .driver
                .last(&id)
                .is_some_and(|app| app.state == DesiredState::Deleted)
        },
    )
    .await;

    let back = ada.post(&format!("{path}/undelete"), json!({})).await;
    assert_eq!(back.json["app"]["status"], "provisioning", "{}", back.text);
    assert_eq!(back.json["app"]["purge_after"], Value::Null);
    server.until_status(&ada, &id, "ready").await;
    assert_eq!(ada.get(&format!("{path}/keys")).await.json, keys);
    let again = ada.post(&format!("{path}/undelete"), json!({})).await;
    assert_eq!(again.error(), (409, "app_not_deleted"));
}

#[tokio::test]
async fn after_the_undo_window_the_data_is_dropped_for_good() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let path = format!("/api/v1/apps/{id}");
    server.until_status(&ada, &id, "ready").await;
    ada.delete(&path).await;
    server.clock.advance(TimeDelta::days(14));
    let ada = server.nobody().signed_in(
        &server
            .nobody()
            .log_in("ada@example.com", crate::support::PASSWORD)
            .await,
    );
    test_kit::wait_until(
        std::time::Duration::from_secs(10),
        "the app is gone",
        async || ada.get(&path).await.status == 404,
    )
    .await;
    assert!(server.driver.has_purged(&id));
    assert_eq!(
        ada.post(&format!("{path}/undelete"), json!({})).await.error(),
        (404, "not_found")
    );
    let secrets: i64 = sqlx::query_scalar("SELECT count(*) FROM app_secrets")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(secrets, 0);
}

#[tokio::test]
async fn an_organization_has_a_limit_that_creations_at_once_cannot_pass() {
    let server = Server::start_with("limits.apps_per_organization = 3").await;
    let ada = server.person("ada").await;
    let body = json!({ "name": "Shop", "region": "eu" });
    let tries = (0..8).map(|_| ada.post("/api/v1/apps", body.clone()));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
    let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
    assert_eq!(refused.error(), (409, "app_limit_reached"));

    let id = answers.iter().find(|answer| answer.status == 201).unwrap().json["app"]["id"]
        .as_str()
        .unwrap();
    ada.delete(&format!("/api/v1/apps/{id}")).await;
    assert_eq!(
        ada.post("/api/v1/apps", body).await.status,
        201,
        "a deleted app makes room"
    );
    let undelete = ada.post(&format!("/api/v1/apps/{id}/undelete"), json!({})).await;
    assert_eq!(undelete.error(), (409, "app_limit_reached"));
}
