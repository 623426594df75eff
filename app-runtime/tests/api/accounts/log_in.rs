//! Who is let in, as whom, and what they are told.

use bson::doc;
use reqwest::Method;
use serde_json::{Value, json};

use super::{log_in, row};
use crate::support::{App, As, answer, app, rows, stock};

/// What is shown of anna to whoever knows her password.
async fn verify_anna(app: &App) -> Value {
    let credentials = json!({"username": "anna", "password": "pw"});
    app.post(&As::Nobody, "/verifyPassword", credentials).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_verified_without_a_session() {
    let app = stock().await;
    let (id, _) = app.user("anna").await;
    let sessions = rows(&app, "_Session").await;
    let before = sessions.count_documents(doc! {}).await.unwrap();
    let by_query = app
        .get(&As::Nobody, "/verifyPassword?username=anna&password=pw")
        .await
        .ok();
    let by_body = verify_anna(&app).await;
    assert_eq!((&by_query["objectId"], &by_body), (&json!(id), &by_query));
    assert!(by_query.get("sessionToken").is_none());
    assert_eq!(sessions.count_documents(doc! {}).await.unwrap(), before);
    for (body, refusal) in [
        (json!({"username": "anna", "password": "x"}), (404, 101)),
        (json!({"username": "anna"}), (400, 201)),
        (json!({"password": "pw"}), (400, 200)),
        (json!({"username": {"$ne": ""}, "password": "pw"}), (404, 101)),
    ] {
        assert_eq!(
            app.post(&As::Nobody, "/verifyPassword", body).await.refusal(),
            refusal
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_logs_in_as_anybody() {
    let app = app(|settings| settings.read_only_master_key = Some("look".to_owned().into())).await;
    let (id, own) = app.user("anna").await;
    for who in [As::Nobody, own] {
        assert_eq!(
            app.post(&who, "/loginAs", json!({"userId": id})).await.refusal(),
            (400, 119)
        );
    }
    for (body, refusal) in [
        (json!({}), (400, 162)),
        (json!({"userId": {"$ne": ""}}), (400, 162)),
        (json!({"userId": "nobody"}), (404, 101)),
    ] {
        assert_eq!(app.post(&As::Master, "/loginAs", body).await.refusal(), refusal);
    }
    for request in [json!({"userId": id}), Value::Null] {
        let path = format!("/loginAs?userId={id}");
        let user = app.post(&As::Master, &path, request).await.ok();
        let token = user["sessionToken"].as_str().unwrap();
        let me = app.get(&As::User(token.into()), "/users/me").await.ok();
        assert_eq!(me["objectId"], json!(id));
        let session = row(&app, "_Session", doc! { "_session_token": token }).await;
        let with = session.get_document("createdWith").unwrap();
        assert_eq!(with, &doc! { "action": "login", "authProvider": "masterkey" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30229_the_read_only_master_key_logs_in_as_nobody() {
    let app = app(|settings| settings.read_only_master_key = Some("look".to_owned().into())).await;
    let (id, _) = app.user("anna").await;
    let request = app
        .raw(Method::POST, "/loginAs")
        .header("X-Parse-Application-Id", "app")
        .header("X-Parse-Master-Key", "look")
        .json(&json!({"userId": id}));
    assert_eq!(answer(request).await.refusal(), (400, 119));
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_53725_a_user_who_may_not_be_read_shows_nothing_but_an_id() {
    let app = stock().await;
    let (id, _) = app.user("anna").await;
    app.put(
        &As::Master,
        &format!("/users/{id}"),
        json!({"ACL": {"*": {"write": true}}, "secret": 1}),
    )
    .await
    .ok();
    let verified = verify_anna(&app).await;
    assert_eq!(verified, json!({"objectId": id}));
    let user = log_in(&app, "anna", "pw").await.ok();
    assert_eq!(user.as_object().unwrap().len(), 2, "{user}");
    assert!(user["sessionToken"].is_string());
}
