//! `Idempotency-Key`: a repeated POST gets the first answer and changes nothing.

use serde_json::json;

use crate::support::Server;

async fn apps(server: &Server) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM apps")
        .fetch_one(&server.pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let body = json!({ "name": "Shop", "region": "eu" });
    let first = ada.post_once("key-1", "/api/v1/apps", body.clone()).await;
    let again = ada.post_once("key-1", "/api/v1/apps", body.clone()).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json, again.json);
    assert_eq!(
        (
            first.header("idempotent-replayed"),
            again.header("idempotent-replayed")
        ),
        ("", "true")
    );
    assert_eq!(apps(&server).await, 1);
    assert_eq!(ada.post_once("key-2", "/api/v1/apps", body).await.status, 201);
    assert_eq!(apps(&server).await, 2);
}

#[tokio::test]
async fn many_requests_with_one_key_at_once_make_one_app() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let body = json!({ "name": "Shop", "region": "eu" });
    let tries = (0..10).map(|_| ada.post_once("key", "/api/v1/apps", body.clone()));
    for answer in futures_util::future::join_all(tries).await {
        let fine = answer.status == 201 || answer.error() == (409, "idempotency_in_progress");
        assert!(fine, "{}", answer.text);
    }
    assert_eq!(apps(&server).await, 1);
    assert_eq!(
        ada.post_once("key", "/api/v1/apps", body).await.status,
        201,
        "later there is an answer"
    );
}

#[tokio::test]
async fn a_key_belongs_to_one_request_and_one_caller() {
    let server = Server::start().await;
    let (ada, bob) = (server.person("ada").await, server.person("bob").await);
    let body = json!({ "name": "Shop", "region": "eu" });
    ada.post_once("key", "/api/v1/apps", body.clone()).await;
    let other_body = ada
        .post_once("key", "/api/v1/apps", json!({ "name": "Market", "region": "eu" }))
        .await;
    assert_eq!(other_body.error(), (422, "idempotency_key_reused"));
    let other_path = ada.post_once("key", "/api/v1/tokens", body.clone()).await;
    assert_eq!(other_path.error(), (422, "idempotency_key_reused"));
    let bobs = bob.post_once("key", "/api/v1/apps", body).await;
    assert_eq!((bobs.status, bobs.header("idempotent-replayed")), (201, ""));
}

#[tokio::test]
async fn a_refusal_gives_the_key_back() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    assert_eq!(
        ada.post_once("key", "/api/v1/apps", json!({ "name": "", "region": "eu" }))
            .await
            .status,
        422
    );
    let answer = ada
        .post_once("key", "/api/v1/apps", json!({ "name": "Shop", "region": "eu" }))
        .await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_kept_answer_with_a_secret_is_sealed() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let body = json!({ "name": "deploy", "expires_in_days": 1 });
    let first = ada.post_once("key", "/api/v1/tokens", body.clone()).await;
    assert_eq!(
        ada.post_once("key", "/api/v1/tokens", body).await.json["token"],
        first.json["token"]
    );
    let kept: Vec<u8> = sqlx::query_scalar("SELECT sealed_body FROM idempotency_keys")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("slip_"));
}

#[tokio::test]
async fn a_key_is_checked_and_nobodys_key_is_nothing() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let body = json!({ "name": "Shop", "region": "eu" });
    for key in ["", &"k".repeat(256)] {
        assert_eq!(
            ada.post_once(key, "/api/v1/apps", body.clone()).await.error(),
            (422, "invalid_input")
        );
    }
    let nobody = server.nobody();
    assert_eq!(
        nobody.post_once("key", "/api/v1/apps", body).await.error(),
        (401, "not_signed_in")
    );
    let sign_up =
        json!({ "email": "bob@example.com", "password": crate::support::PASSWORD, "organization": "B" });
    assert_eq!(
        nobody.post_once("key", "/api/v1/signup", sign_up).await.status,
        201,
        "a sign-up ignores it"
    );
}
