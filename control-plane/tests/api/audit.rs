//! The audit log.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

fn actions(log: &Value) -> Vec<&str> {
    log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn everything_that_changes_something_is_remembered_with_who_and_from_where() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let (token_id, token) = ada.create_token("deploy").await;
    let id = ada.with_token(&token).create_app("Shop").await;
    let path = format!("/api/v1/apps/{id}");
    ada.patch(&path, json!({ "name": "Market" })).await;
    ada.patch(&path, json!({ "name": "Market" })).await;
    ada.post(&format!("{path}/keys/rest/rotate"), json!({})).await;
    ada.post(
        &format!("{path}/keys/master/reveal"),
        json!({ "password": PASSWORD }),
    )
    .await;
    ada.delete(&path).await;
    ada.delete(&path).await;
    ada.post(&format!("{path}/undelete"), json!({})).await;

    let log = ada.get(&format!("{path}/audit")).await.json;
    let mut seen = actions(&log);
    seen.sort_unstable();
    let expected = [
        "app.create",
        "app.delete",
        "app.rename",
        "app.undelete",
        "key.reveal",
        "key.rotate",
    ];
    assert_eq!(
        seen, expected,
        "one entry per change, none for what changed nothing"
    );
    let entry = |action: &str| {
        log["entries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["action"] == action)
            .unwrap()
            .clone()
    };
    let rename = entry("app.rename");
    assert_eq!(
        (&rename["before"], &rename["after"]),
        (&json!({ "name": "Shop" }), &json!({ "name": "Market" }))
    );
    assert_eq!(rename["actor"]["label"], "ada@example.com");
    assert_eq!(rename["ip"], "127.0.0.1");
    assert_eq!(rename["at"], "2027-03-10T12:00:00Z");
    let create = entry("app.create");
    assert_eq!(
        create["actor"],
        json!({ "kind": "token", "id": token_id, "label": "deploy" })
    );

    let all = ada.get("/api/v1/audit").await.json;
    for action in ["account.signup", "token.create", "app.create"] {
        assert!(actions(&all).contains(&action), "{action}");
    }
}

#[tokio::test]
async fn a_rejected_sign_up_is_not_shown_to_whoever_tried_it() {
    let server = Server::start().await;
    server.person("ada").await;
    server.nobody().sign_up("ada@example.com").await;
    let bob = server.person("bob").await;
    assert_eq!(actions(&bob.get("/api/v1/audit").await.json), ["account.signup"]);
}

#[tokio::test]
async fn the_log_is_read_in_pages() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    for name in ["one", "two", "three"] {
        ada.create_app(name).await;
    }
    let first = ada.get("/api/v1/audit?limit=3").await.json;
    let next = ada
        .get(&format!(
            "/api/v1/audit?limit=3&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .await;
    assert_eq!((actions(&first).len(), actions(&next.json).len()), (3, 1));
    assert_eq!(next.json["next_cursor"], Value::Null);
}

#[tokio::test]
async fn not_even_the_database_lets_an_entry_be_changed() {
    let server = Server::start().await;
    server.person("ada").await;
    for change in [
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ] {
        let error = sqlx::query(change)
            .execute(&server.pool)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("append-only"), "{change}: {error}");
    }
}
