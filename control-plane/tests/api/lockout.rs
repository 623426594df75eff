//! What wrong passwords lead to.

use chrono::TimeDelta;

use crate::support::{PASSWORD, Server};

const SETTINGS: &str = "limits.failures_before_lock = 3\nlimits.first_lock_seconds = 30";

#[tokio::test]
async fn too_many_wrong_passwords_lock_the_email_for_a_while() {
    let server = Server::start_with(SETTINGS).await;
    server.person("ada").await;
    let nobody = server.nobody();
    for _ in 0..3 {
        assert_eq!(
            nobody.log_in("ada@example.com", "wrong").await.error(),
            (401, "invalid_credentials")
        );
    }
    let locked = nobody.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(locked.error(), (429, "too_many_requests"));
    assert_eq!(locked.header("retry-after"), "30");

    server.clock.advance(TimeDelta::seconds(31));
    assert_eq!(nobody.log_in("ada@example.com", PASSWORD).await.status, 200);
    assert_eq!(
        nobody.log_in("ada@example.com", "wrong").await.status,
        401,
        "a success forgets the failures"
    );
}

#[tokio::test]
async fn an_unknown_email_locks_just_the_same() {
    let server = Server::start_with(SETTINGS).await;
    let nobody = server.nobody();
    for _ in 0..3 {
        assert_eq!(nobody.log_in("nobody@example.com", "wrong").await.status, 401);
    }
    assert_eq!(
        nobody.log_in("nobody@example.com", "wrong").await.error(),
        (429, "too_many_requests")
    );
}

#[tokio::test]
async fn each_further_failure_doubles_the_lock() {
    let server = Server::start_with(SETTINGS).await;
    let nobody = server.nobody();
    for _ in 0..3 {
        nobody.log_in("ada@example.com", "wrong").await;
    }
    server.clock.advance(TimeDelta::seconds(31));
    assert_eq!(nobody.log_in("ada@example.com", "wrong").await.status, 401);
    assert_eq!(
        nobody
            .log_in("ada@example.com", "wrong")
            .await
            .header("retry-after"),
        "60"
    );
}

#[tokio::test]
async fn guessing_the_password_to_see_the_master_key_locks_too() {
    let server = Server::start_with(SETTINGS).await;
    let ada = server.person("ada").await;
    let path = format!("/api/v1/apps/{}/keys/master/reveal", ada.create_app("Shop").await);
    for _ in 0..3 {
        let answer = ada.post(&path, serde_json::json!({ "password": "wrong" })).await;
        assert_eq!(answer.error(), (403, "wrong_password"));
    }
    let answer = ada.post(&path, serde_json::json!({ "password": PASSWORD })).await;
    assert_eq!(answer.error(), (429, "too_many_requests"));
    assert_eq!(
        server.nobody().log_in("ada@example.com", PASSWORD).await.status,
        200,
        "logging in is not locked"
    );
}
