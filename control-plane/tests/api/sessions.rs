//! Console sessions: shown, listed, ended, expired, and guarded by the CSRF token.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, Person, Server};

#[tokio::test]
async fn nobody_has_no_session() {
    let server = Server::start().await;
    let nobody = server.nobody();
    assert_eq!(
        nobody.get("/api/v1/session").await.error(),
        (401, "not_signed_in")
    );
    let forged = Person {
        cookie: Some("forged".to_owned()),
        ..nobody
    };
    assert_eq!(
        forged.get("/api/v1/session").await.error(),
        (401, "not_signed_in")
    );
}

#[tokio::test]
async fn what_changes_something_needs_the_sessions_own_csrf_token() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let body = json!({ "name": "Shop", "region": "eu" });
    for csrf in [None, Some(String::new()), bob.csrf.clone()] {
        let tricked = Person { csrf, ..ada.clone() };
        assert_eq!(
            tricked.post("/api/v1/apps", body.clone()).await.error(),
            (403, "csrf_failed")
        );
        assert_eq!(
            tricked.get("/api/v1/apps").await.status,
            200,
            "reading needs none"
        );
    }
    assert_eq!(ada.post("/api/v1/apps", body).await.status, 201);
}

#[tokio::test]
async fn sessions_are_listed_with_where_they_come_from() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let login = json!({ "email": "ada@example.com", "password": PASSWORD });
    let phone = server.nobody();
    let request = phone
        .request(Method::POST, "/api/v1/login")
        .header("user-agent", "Phone/1.0")
        .json(&login);
    phone.send(request).await;
    let sessions = ada.get("/api/v1/sessions").await.json["sessions"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(sessions.len(), 2);
    let current: Vec<_> = sessions
        .iter()
        .filter(|session| session["current"] == true)
        .collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["ip"], "127.0.0.1");
    assert!(
        sessions
            .iter()
            .any(|session| session["user_agent"] == "Phone/1.0")
    );
}

#[tokio::test]
async fn a_session_of_somebody_else_cannot_be_ended() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let sessions = ada.get("/api/v1/sessions").await;
    let path = format!(
        "/api/v1/sessions/{}",
        sessions.json["sessions"][0]["id"].as_str().unwrap()
    );
    assert_eq!(
        server.nobody().delete(&path).await.error(),
        (401, "not_signed_in")
    );
    assert_eq!(bob.delete(&path).await.error(), (404, "not_found"));
    assert_eq!(
        ada.delete("/api/v1/sessions/nonsense").await.error(),
        (404, "not_found")
    );
    assert_eq!(ada.get("/api/v1/session").await.status, 200);

    let ended = ada.delete(&path).await;
    assert_eq!(ended.status, 204);
    assert!(
        ended.header("set-cookie").contains("Max-Age=0"),
        "it was this one"
    );
    assert_eq!(ada.get("/api/v1/session").await.status, 401);
}

#[tokio::test]
async fn logging_out_ends_this_session_only() {
    let server = Server::start().await;
    let laptop = server.person("ada").await;
    let nobody = server.nobody();
    let phone = nobody.signed_in(&nobody.log_in("ada@example.com", PASSWORD).await);
    assert_eq!(laptop.post("/api/v1/logout", json!({})).await.status, 204);
    assert_eq!(
        laptop.post("/api/v1/logout", json!({})).await.error(),
        (401, "not_signed_in")
    );
    assert_eq!(phone.get("/api/v1/session").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let server = Server::start_with("sessions.idle_days = 7\nsessions.lifetime_days = 10").await;
    let ada = server.person("ada").await;
    server.clock.advance(TimeDelta::days(6));
    assert_eq!(
        ada.get("/api/v1/session").await.status,
        200,
        "being used keeps it alive"
    );
    server.clock.advance(TimeDelta::days(3));
    assert_eq!(ada.get("/api/v1/session").await.status, 200);
    server.clock.advance(TimeDelta::days(2));
    assert_eq!(
        ada.get("/api/v1/session").await.status,
        401,
        "but not beyond its lifetime"
    );

    let bob = server.person("bob").await;
    server.clock.advance(TimeDelta::days(8));
    assert_eq!(bob.get("/api/v1/session").await.status, 401);
}
