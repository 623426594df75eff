//! Sign-up and login.

use serde_json::json;

use crate::support::{PASSWORD, Server};

#[tokio::test]
async fn signing_up_opens_a_session_in_a_safe_cookie() {
    let server = Server::start().await;
    let answer = server.nobody().sign_up("Ada@Example.com").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json["account"]["email"], "ada@example.com");
    assert_eq!(answer.json["organizations"][0]["name"], "Analytical Engines");
    assert_eq!(answer.json["organizations"][0]["role"], "owner");
    let cookie = answer.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{attribute} not in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http: {cookie}");
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let server = Server::start_with("server.public_url = \"https://console.example.com\"").await;
    let answer = server.nobody().sign_up("ada@example.com").await;
    assert!(answer.header("set-cookie").contains("Secure"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn every_wrong_field_of_a_sign_up_is_named_at_once() {
    let server = Server::start().await;
    let body = json!({ "email": "ada", "password": "password123", "organization": "\u{0}" });
    let answer = server.nobody().post("/api/v1/signup", body).await;
    assert_eq!(answer.error(), (422, "invalid_input"));
    assert!(answer.field("email").contains("you@example.com"));
    assert!(answer.field("password").contains("four or more unrelated words"));
    assert!(answer.field("organization").contains("control characters"));
    assert_eq!(answer.json["error"]["docs"], "/docs/errors#invalid_input");
}

#[tokio::test]
async fn a_password_made_of_the_email_is_weak() {
    let server = Server::start().await;
    let body =
        json!({ "email": "charlotte@example.com", "password": "charlotte@example.com", "organization": "O" });
    let answer = server.nobody().post("/api/v1/signup", body).await;
    assert!(answer.field("password").contains("too easy"), "{}", answer.text);
}

#[tokio::test]
async fn a_taken_email_is_rejected_without_saying_so() {
    let server = Server::start().await;
    server.person("ada").await;
    let answer = server.nobody().sign_up("ADA@example.com").await;
    assert_eq!(answer.error(), (409, "signup_rejected"));
    assert!(answer.session_cookie().is_none());
    assert!(!answer.text.to_lowercase().contains("exists"), "{}", answer.text);
}

#[tokio::test]
async fn of_many_sign_ups_of_one_email_at_once_exactly_one_succeeds() {
    let server = Server::start().await;
    let nobody = server.nobody();
    let tries = (0..8).map(|_| nobody.sign_up("ada@example.com"));
    let mut statuses: Vec<u16> = futures_util::future::join_all(tries)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    let counts: (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM organizations)")
            .fetch_one(&server.pool)
            .await
            .unwrap();
    assert_eq!(counts, (1, 1));
}

#[tokio::test]
async fn logging_in_replaces_the_session_the_browser_had() {
    let server = Server::start().await;
    let first = server.person("ada").await;
    let answer = first.log_in("Ada@example.com ", PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let second = first.signed_in(&answer);
    assert_ne!(first.cookie, second.cookie);
    assert_ne!(first.csrf, second.csrf);
    assert_eq!(first.get("/api/v1/session").await.error(), (401, "not_signed_in"));
    assert_eq!(second.get("/api/v1/session").await.json, answer.json);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_get_the_same_answer() {
    let server = Server::start().await;
    server.person("ada").await;
    let nobody = server.nobody();
    let wrong = nobody.log_in("ada@example.com", "not the password").await;
    let unknown = nobody.log_in("nobody@example.com", "not the password").await;
    assert_eq!(wrong.error(), (401, "invalid_credentials"));
    assert_eq!(wrong.json, unknown.json);
    assert_eq!(
        nobody.log_in("a\u{0}b@example.com", "x").await.error(),
        (401, "invalid_credentials")
    );
}

#[tokio::test]
async fn sign_ups_and_logins_from_one_address_are_limited() {
    let server = Server::start_with("limits.signups_per_minute = 1\nlimits.logins_per_minute = 2").await;
    let nobody = server.nobody();
    assert_eq!(nobody.sign_up("ada@example.com").await.status, 201);
    let answer = nobody.sign_up("bob@example.com").await;
    assert_eq!(answer.error(), (429, "too_many_requests"));
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    for _ in 0..2 {
        assert_eq!(nobody.log_in("ada@example.com", PASSWORD).await.status, 200);
    }
    assert_eq!(
        nobody.log_in("ada@example.com", PASSWORD).await.error(),
        (429, "too_many_requests")
    );
}
