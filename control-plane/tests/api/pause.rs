//! Pausing and resuming an app.

use control_plane::regions::SuspensionReason;
use serde_json::{Value, json};

use crate::support::{Person, Server};

async fn actions(person: &Person, id: &str) -> Vec<String> {
    let answer = person.get(&format!("/api/v1/apps/{id}/audit")).await;
    let entries = answer.json["entries"].as_array().unwrap().clone();
    let action = |entry: &Value| entry["action"].as_str().unwrap().to_owned();
    entries.iter().rev().map(action).collect()
}

#[tokio::test]
async fn a_paused_app_stops_and_a_resumed_one_serves_again() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    server.until_status(&ada, &id, "ready").await;
    let (pause, resume) = (
        format!("/api/v1/apps/{id}/pause"),
        format!("/api/v1/apps/{id}/resume"),
    );
    for _ in 0..2 {
        let paused = ada.post(&pause, json!({})).await;
        assert_eq!(paused.status, 200, "{}", paused.text);
        assert_eq!(paused.json["app"]["suspension"]["reason"], "user_requested");
    }
    server.until_status(&ada, &id, "suspended").await;
    let desired = server.driver.last(&id).unwrap();
    assert_eq!(desired.suspended, Some(SuspensionReason::UserRequested));
    for _ in 0..2 {
        let resumed = ada.post(&resume, json!({})).await;
        assert_eq!(resumed.status, 200, "{}", resumed.text);
        assert_eq!(resumed.json["app"]["suspension"], Value::Null);
    }
    server.until_status(&ada, &id, "ready").await;
    assert_eq!(
        actions(&ada, &id).await,
        ["app.create", "app.pause", "app.resume"]
    );
}

#[tokio::test]
async fn a_suspension_with_another_cause_is_not_resumed_by_its_owner() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    sqlx::query("UPDATE apps SET suspension = 'payment_overdue', suspended_at = now() WHERE id = $1")
        .bind(&id)
        .execute(&server.pool)
        .await
        .unwrap();
    for deed in ["pause", "resume"] {
        let refused = ada.post(&format!("/api/v1/apps/{id}/{deed}"), json!({})).await;
        assert_eq!(refused.error(), (409, "app_suspended"), "{}", refused.text);
        assert!(refused.text.contains("payment is overdue"), "{}", refused.text);
    }
    let shown = ada.get(&format!("/api/v1/apps/{id}")).await;
    assert_eq!(shown.json["app"]["suspension"]["reason"], "payment_overdue");
}

#[tokio::test]
async fn only_who_answers_for_the_bill_pauses_or_resizes() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    for (role, allowed) in [("viewer", false), ("member", false), ("admin", true)] {
        sqlx::query("UPDATE memberships SET role = $1")
            .bind(role)
            .execute(&server.pool)
            .await
            .unwrap();
        let paused = ada.post(&format!("/api/v1/apps/{id}/pause"), json!({})).await;
        let body = json!({ "engine": "s", "replicas": { "min": 1 } });
        let sized = ada.put(&format!("/api/v1/apps/{id}/engine"), body).await;
        let expected = if allowed {
            (200, "no error")
        } else {
            (403, "forbidden")
        };
        assert_eq!((paused.error(), sized.error()), (expected, expected), "{role}");
        assert_eq!(
            ada.get(&format!("/api/v1/apps/{id}/engine")).await.status,
            200,
            "{role}"
        );
    }
}

#[tokio::test]
async fn a_deleted_app_is_neither_paused_nor_resumed() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let id = ada.create_app("Shop").await;
    ada.delete(&format!("/api/v1/apps/{id}")).await;
    for deed in ["pause", "resume"] {
        let refused = ada.post(&format!("/api/v1/apps/{id}/{deed}"), json!({})).await;
        assert_eq!(refused.error(), (409, "app_deleted"));
    }
}
