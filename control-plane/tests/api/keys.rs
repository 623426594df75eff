//! The keys of an app.

use secrecy::ExposeSecret;
use serde_json::json;

use crate::support::{PASSWORD, Server};

#[tokio::test]
async fn the_keys_of_clients_are_shown_and_the_master_key_is_not() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let keys = ada.get(&format!("/api/v1/apps/{id}/keys")).await;
    for (key, prefix) in [
        ("client_key", "ck_"),
        ("javascript_key", "js_"),
        ("rest_key", "rest_"),
    ] {
        let value = keys.json[key].as_str().unwrap();
        assert!(
            value.starts_with(prefix) && value.len() == prefix.len() + 32,
            "{key}: {value}"
        );
    }
    assert!(!keys.text.contains("master"), "{}", keys.text);
}

#[tokio::test]
async fn the_master_key_is_revealed_for_the_password_and_remembered() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let path = format!("/api/v1/apps/{id}/keys/master/reveal");
    assert_eq!(
        ada.post(&path, json!({ "password": "wrong" })).await.error(),
        (403, "wrong_password")
    );
    let revealed = ada.post(&path, json!({ "password": PASSWORD })).await;
    let key = revealed.json["master_key"].as_str().unwrap();
    assert!(key.starts_with("master_"), "{key}");
    server.until_status(&ada, &id, "ready").await;
    assert_eq!(server.driver.last(&id).unwrap().keys.master.expose_secret(), key);
    let audit = ada.get(&format!("/api/v1/apps/{id}/audit")).await;
    assert_eq!(audit.json["entries"][0]["action"], "key.reveal");
    assert!(!audit.text.contains(key));
}

#[tokio::test]
async fn rotating_replaces_one_key_in_the_region() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let before = ada.get(&format!("/api/v1/apps/{id}/keys")).await.json;
    let rotated = ada
        .post(&format!("/api/v1/apps/{id}/keys/javascript/rotate"), json!({}))
        .await;
    assert_eq!(rotated.json["kind"], "javascript", "{}", rotated.text);
    let after = ada.get(&format!("/api/v1/apps/{id}/keys")).await.json;
    assert_eq!(after["javascript_key"], rotated.json["key"]);
    assert_ne!(after["javascript_key"], before["javascript_key"]);
    assert_eq!(after["client_key"], before["client_key"]);
    test_kit::wait_until(
        std::time::Duration::from_secs(10),
        "the region has the new key",
        async || {
            let desired = server.driver.last(&id);
            desired
                .is_some_and(|app| Some(app.keys.javascript.expose_secret()) == rotated.json["key"].as_str())
        },
    )
    .await;
}

#[tokio::test]
async fn rotating_the_master_key_takes_the_password() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let path = format!("/api/v1/apps/{id}/keys/master/rotate");
    for body in [json!({}), json!({ "password": "wrong" })] {
        assert_eq!(ada.post(&path, body).await.error(), (403, "wrong_password"));
    }
    let rotated = ada.post(&path, json!({ "password": PASSWORD })).await;
    assert_eq!(rotated.json["kind"], "master");
    let reveal = format!("/api/v1/apps/{id}/keys/master/reveal");
    let revealed = ada.post(&reveal, json!({ "password": PASSWORD })).await;
    assert_eq!(revealed.json["master_key"], rotated.json["key"]);
    let unknown = ada
        .post(&format!("/api/v1/apps/{id}/keys/house/rotate"), json!({}))
        .await;
    assert_eq!(unknown.error(), (404, "not_found"));
}

#[tokio::test]
async fn no_key_is_readable_in_the_database() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    let shown = ada.get(&format!("/api/v1/apps/{id}/keys")).await;
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar("SELECT sealed FROM app_secrets")
        .fetch_all(&server.pool)
        .await
        .unwrap();
    assert_eq!(sealed.len(), 6);
    for key in ["client_key", "javascript_key", "rest_key"] {
        let key = shown.json[key].as_str().unwrap().as_bytes();
        assert!(
            sealed
                .iter()
                .all(|text| !text.windows(key.len()).any(|part| part == key))
        );
    }
}

#[tokio::test]
async fn roles_may_what_they_may() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let id = ada.create_app("Shop").await;
    let path = format!("/api/v1/apps/{id}");
    server.bob_becomes("viewer").await;
    assert_eq!(bob.get(&path).await.status, 200);
    let refused = bob.patch(&path, json!({ "name": "Market" })).await;
    assert_eq!(refused.error(), (403, "forbidden"));
    assert!(refused.text.contains("viewer"), "{}", refused.text);
    assert_eq!(
        bob.post(&format!("{path}/keys/rest/rotate"), json!({}))
            .await
            .error(),
        (403, "forbidden")
    );

    server.bob_becomes("member").await;
    assert_eq!(bob.patch(&path, json!({ "name": "Market" })).await.status, 200);
    assert_eq!(bob.delete(&path).await.error(), (403, "forbidden"));
    for action in ["reveal", "rotate"] {
        let answer = bob
            .post(
                &format!("{path}/keys/master/{action}"),
                json!({ "password": PASSWORD }),
            )
            .await;
        assert_eq!(answer.error(), (403, "forbidden"), "{action}");
    }

    server.bob_becomes("admin").await;
    assert_eq!(bob.delete(&path).await.status, 200);
}
