//! API tokens.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let (id, token) = ada.create_token("deploy").await;
    assert!(token.starts_with("slip_") && token.len() == 45, "{token}");
    let listed = ada.get("/api/v1/tokens").await;
    assert_eq!(listed.json["tokens"][0]["id"], id.as_str());
    assert_eq!(listed.json["tokens"][0]["prefix"], &token[..11]);
    assert_eq!(listed.json["tokens"][0]["last_used_at"], json!(null));
    assert!(!listed.text.contains(&token));
    let kept: Vec<u8> = sqlx::query_scalar("SELECT token_sha256 FROM api_tokens")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_ne!(kept, token.as_bytes());
}

#[tokio::test]
async fn a_token_does_what_its_person_may_without_a_csrf_token() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let script = ada.with_token(&ada.create_token("deploy").await.1);
    let id = script.create_app("Shop").await;
    assert_eq!(ada.get(&format!("/api/v1/apps/{id}")).await.status, 200);
    let used = ada.get("/api/v1/tokens").await;
    assert_eq!(used.json["tokens"][0]["last_used_at"], "2027-03-10T12:00:00Z");
}

#[tokio::test]
async fn a_token_cannot_make_tokens_or_see_sessions() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let (id, token) = ada.create_token("deploy").await;
    let script = ada.with_token(&token);
    let body = json!({ "name": "more", "expires_in_days": 1 });
    assert_eq!(
        script.post("/api/v1/tokens", body).await.error(),
        (403, "forbidden")
    );
    assert_eq!(
        script.delete(&format!("/api/v1/tokens/{id}")).await.error(),
        (403, "forbidden")
    );
    assert_eq!(script.get("/api/v1/sessions").await.error(), (403, "forbidden"));
}

#[tokio::test]
async fn a_revoked_expired_or_mistyped_token_is_refused() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let (id, token) = ada.create_token("deploy").await;
    let (_, other) = ada.create_token("backup").await;
    assert_eq!(
        ada.with_token("slip_nonsense").get("/api/v1/apps").await.error(),
        (401, "invalid_token")
    );
    assert_eq!(ada.delete(&format!("/api/v1/tokens/{id}")).await.status, 204);
    assert_eq!(
        ada.delete(&format!("/api/v1/tokens/{id}")).await.error(),
        (404, "not_found")
    );
    assert_eq!(
        ada.with_token(&token).get("/api/v1/apps").await.error(),
        (401, "invalid_token")
    );
    assert_eq!(ada.with_token(&other).get("/api/v1/apps").await.status, 200);
    server.clock.advance(TimeDelta::days(30));
    assert_eq!(
        ada.with_token(&other).get("/api/v1/apps").await.error(),
        (401, "invalid_token")
    );
}

#[tokio::test]
async fn a_token_of_somebody_else_cannot_be_revoked() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let (id, token) = ada.create_token("deploy").await;
    assert_eq!(
        bob.delete(&format!("/api/v1/tokens/{id}")).await.error(),
        (404, "not_found")
    );
    assert_eq!(ada.with_token(&token).get("/api/v1/apps").await.status, 200);
}

#[tokio::test]
async fn names_days_and_numbers_of_tokens_are_bounded() {
    let server = Server::start_with("limits.tokens_per_account = 1").await;
    let ada = server.person("ada").await;
    for (name, days) in [("", 1), ("x", 0), ("x", 366), ("x", -1), ("x", 1_i64 << 40)] {
        let answer = ada
            .post("/api/v1/tokens", json!({ "name": name, "expires_in_days": days }))
            .await;
        assert_eq!(answer.error(), (422, "invalid_input"), "{name} {days}");
    }
    ada.create_token("one").await;
    let answer = ada
        .post("/api/v1/tokens", json!({ "name": "two", "expires_in_days": 1 }))
        .await;
    assert_eq!(answer.error(), (409, "token_limit_reached"));
}
