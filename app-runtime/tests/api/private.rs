//! Decision 11: private by default, and the first paste still works.

use serde_json::json;

use crate::support::{As, app, building, stock};

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_user_shapes_the_app_and_owns_what_they_make() {
    let app = building().await;
    let guest = app
        .post(
            &As::Nobody,
            "/users",
            json!({"authData": {"anonymous": {"id": "device-1"}}}),
        )
        .await
        .ok();
    let (id, as_guest) = (
        guest["objectId"].as_str().unwrap(),
        As::User(guest["sessionToken"].as_str().unwrap().into()),
    );
    let created = app
        .post(&as_guest, "/classes/Task", json!({"title": "Ship it"}))
        .await;
    assert_eq!(
        (created.status, &created.body["ACL"]),
        (201, &json!({id: {"read": true, "write": true}}))
    );
    app.post(&as_guest, "/classes/Task", json!({"title": "Again", "points": 3}))
        .await
        .ok();
    assert_eq!(app.find(&as_guest, "Task", json!({})).await.len(), 2);

    let (_, as_other) = app.user("other").await;
    assert!(app.find(&as_other, "Task", json!({})).await.is_empty());
    assert_eq!(app.get(&As::Nobody, "/classes/Task").await.refusal(), (404, 101));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_session_reads_writes_or_shapes_anything() {
    let app = building().await;
    assert_eq!(
        app.post(&As::Nobody, "/classes/Task", json!({"title": "x"}))
            .await
            .refusal(),
        (400, 119)
    );
    app.create(&As::Master, "Task", json!({"title": "x"})).await;
    for answer in [
        app.post(&As::Nobody, "/classes/Task", json!({"title": "x"}))
            .await,
        app.get(&As::Nobody, "/classes/Task").await,
        app.get(&As::Nobody, "/users").await,
        app.get(&As::Nobody, "/roles").await,
    ] {
        assert_eq!(answer.refusal(), (404, 101), "{answer:?}");
    }
    let (_, as_user) = app.user("anna").await;
    let role = json!({"name": "Admin", "ACL": {"*": {"read": true}}});
    assert_eq!(
        app.post(&as_user, "/roles", role).await.refusal(),
        (400, 119),
        "roles are the owner's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn users_stay_private_to_each_other() {
    let app = building().await;
    let (anna, as_anna) = app.user("anna").await;
    let (_, as_bert) = app.user("bert").await;
    app.put(
        &as_anna,
        &format!("/users/{anna}"),
        json!({"email": "anna@example.org"}),
    )
    .await
    .ok();
    assert_eq!(
        app.get(&as_bert, &format!("/users/{anna}")).await.refusal(),
        (404, 101)
    );
    assert_eq!(
        app.find(&as_bert, "_User", json!({})).await.len(),
        1,
        "only themselves"
    );
    assert_eq!(
        app.get(&as_anna, &format!("/users/{anna}")).await.ok()["email"],
        "anna@example.org"
    );
    let probe = crate::support::encode(r#"{"email":{"$regex":"^a"}}"#);
    assert_eq!(
        app.get(&as_bert, &format!("/users?where={probe}"))
            .await
            .refusal(),
        (400, 119)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_app_is_closed_to_new_classes_and_fields() {
    let first = building().await;
    let (_, as_anna) = first.user("anna").await;
    first.create(&as_anna, "Task", json!({"title": "x"})).await;
    let live = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.private_by_default = true;
        settings.database_uri = first.mongo.uri().into();
    })
    .await;
    assert_eq!(
        live.post(&as_anna, "/classes/Fresh", json!({})).await.refusal(),
        (400, 119)
    );
    assert_eq!(
        live.post(&as_anna, "/classes/Task", json!({"title": "y", "extra": 1}))
            .await
            .refusal(),
        (400, 119)
    );
    assert_eq!(
        live.post(&as_anna, "/classes/Task", json!({"title": "y"}))
            .await
            .status,
        201
    );
    live.create(&As::Master, "Fresh", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_switch_it_is_a_stock_parse_server() {
    let open = stock().await;
    open.create(&As::Nobody, "Task", json!({"title": "x"})).await;
    assert_eq!(open.find(&As::Nobody, "Task", json!({})).await.len(), 1);
    let strict = app(|_| {}).await;
    let refused = strict.post(&As::Nobody, "/classes/Task", json!({})).await;
    assert_eq!(
        refused.body["error"],
        "This user is not allowed to access non-existent class: Task"
    );
    assert_eq!(
        strict.get(&As::Nobody, "/classes/Task").await.refusal(),
        (400, 119)
    );
}
