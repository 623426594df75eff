//! Requests about an app that somebody else changes at the same moment: what is decided is decided by the row as it is.

use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

const DELETED: &str = "UPDATE apps SET deleted_at = now(), purge_after = now() + '1 day' WHERE id = $1";
const HELD: &str = "UPDATE apps SET suspension = 'payment_overdue', suspended_at = now() WHERE id = $1";

async fn rename_while(
    server: &Server,
    person: &Person,
    id: &str,
    change: &'static str,
    name: &str,
) -> Answer {
    let (person, path, body) = (
        person.clone(),
        format!("/api/v1/apps/{id}"),
        json!({ "name": name }),
    );
    let renaming = async move { person.patch(&path, body).await };
    server.meanwhile(id, change, renaming).await
}

async fn post_while(server: &Server, person: &Person, id: &str, change: &'static str, deed: &str) -> Answer {
    let (person, path) = (person.clone(), format!("/api/v1/apps/{id}/{deed}"));
    let posting = async move { person.post(&path, json!({})).await };
    server.meanwhile(id, change, posting).await
}

async fn entry(person: &Person, id: &str, action: &str) -> Value {
    let entries = person.get(&format!("/api/v1/apps/{id}/audit")).await.json;
    let mut entries = entries["entries"].as_array().unwrap().iter();
    entries
        .find(|entry| entry["action"] == action)
        .cloned()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_name_is_given_over_the_one_the_app_has_by_then() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;

    let same = "UPDATE apps SET name = 'Stall' WHERE id = $1";
    assert_eq!(rename_while(&server, &ada, &id, same, "Stall").await.status, 200);
    assert_eq!(
        entry(&ada, &id, "app.rename").await,
        Value::Null,
        "nothing was changed"
    );

    let other = "UPDATE apps SET name = 'Kiosk' WHERE id = $1";
    let back = rename_while(&server, &ada, &id, other, "Stall").await;
    assert_eq!((back.status, &back.json["app"]["name"]), (200, &json!("Stall")));
    let renamed = entry(&ada, &id, "app.rename").await;
    assert_eq!(
        (&renamed["before"]["name"], &renamed["after"]["name"]),
        (&json!("Kiosk"), &json!("Stall"))
    );

    let refused = rename_while(&server, &ada, &id, DELETED, "Market").await;
    assert_eq!(refused.error(), (409, "app_deleted"));
}

#[tokio::test]
async fn an_app_that_is_deleted_or_held_meanwhile_is_neither_paused_nor_resumed() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    for (deed, change, code) in [
        ("pause", HELD, "app_suspended"),
        ("resume", HELD, "app_suspended"),
        ("pause", DELETED, "app_deleted"),
        ("resume", DELETED, "app_deleted"),
        ("keys/rest/rotate", DELETED, "app_deleted"),
    ] {
        let id = ada.create_app("Shop").await;
        server.until_status(&ada, &id, "ready").await;
        let refused = post_while(&server, &ada, &id, change, deed).await;
        assert_eq!(refused.error(), (409, code), "{deed}: {}", refused.text);
        for action in ["app.pause", "app.resume", "key.rotate"] {
            assert_eq!(entry(&ada, &id, action).await, Value::Null, "{deed}");
        }
    }
}

#[tokio::test]
async fn a_deletion_is_audited_with_the_name_the_app_had() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let (person, path) = (ada.clone(), format!("/api/v1/apps/{id}"));
    let deleting = async move { person.delete(&path).await };
    let renamed = "UPDATE apps SET name = 'Kiosk' WHERE id = $1";
    let deleted = server.meanwhile(&id, renamed, deleting).await;
    assert_eq!(deleted.json["app"]["status"], "deleted", "{}", deleted.text);
    assert_eq!(entry(&ada, &id, "app.delete").await["before"]["name"], "Kiosk");
}
