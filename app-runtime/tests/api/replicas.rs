//! Two replicas of one app, which remember sessions, roles and classes and hear of changes from the database alone.

use std::sync::Arc;
use std::time::Duration;

use app_runtime::settings::Settings;
use bson::{DateTime, doc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{App, As, app, on, rows};

/// Far longer than a test takes: only an event makes a replica forget.
fn remembering(settings: &mut Settings) {
    settings.allow_client_class_creation = true;
    settings.cache_ttl = Duration::from_secs(3600);
}

async fn two() -> (App, App) {
    let one = app(remembering).await;
    let other = on(Arc::clone(&one.mongo), remembering).await;
    (one, other)
}

async fn comes_to(app: &App, who: &As, path: &str, status: u16) {
    let what = format!("{path} answers {status}");
    let answers = async || app.get(who, path).await.status == status;
    test_kit::wait_until(Duration::from_secs(20), &what, answers).await;
}

fn members(op: &str, class: &str, id: &str) -> Value {
    json!({"__op": op, "objects": [{"__type": "Pointer", "className": class, "objectId": id}]})
}

async fn role(app: &App, name: &str) -> String {
    let body = json!({"name": name, "ACL": {}});
    let made = app.post(&As::Master, "/roles", body).await.ok();
    made["objectId"].as_str().unwrap().to_owned()
}

/// An object for this role only; its path.
async fn secret_of(app: &App, role: &str) -> String {
    let acl = json!({"ACL": {format!("role:{role}"): {"read": true}}});
    format!("/classes/Secret/{}", app.create(&As::Master, "Secret", acl).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_at_one_replica_ends_at_the_other() {
    let (one, other) = two().await;
    let (anna, as_anna) = one.user("anna").await;
    let login = json!({"username": "anna", "password": "pw"});
    let again = one.post(&As::Nobody, "/login", login).await.ok();
    let as_again = As::User(again["sessionToken"].as_str().unwrap().to_owned());
    for who in [&as_anna, &as_again] {
        assert_eq!(other.get(who, "/users/me").await.status, 200);
    }
    one.post(&as_anna, "/logout", json!({})).await.ok();
    comes_to(&other, &as_anna, "/users/me", 400).await;
    assert_eq!(
        other.get(&as_again, "/users/me").await.status,
        200,
        "only the one"
    );

    let change = json!({"password": "new"});
    one.put(&As::Master, &format!("/users/{anna}"), change).await.ok();
    comes_to(&other, &as_again, "/users/me", 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_at_the_database_itself_is_seen() {
    let (one, other) = two().await;
    let sessions = rows(&one, "_Session").await;
    let (anna, as_anna) = one.user("anna").await;
    let (bert, as_bert) = one.user("bert").await;
    let (carl, as_carl) = one.user("carl").await;
    for app in [&one, &other] {
        for who in [&as_anna, &as_bert, &as_carl] {
            assert_eq!(app.get(who, "/users/me").await.status, 200);
        }
    }
    sessions
        .delete_one(doc! { "_p_user": format!("_User${anna}") })
        .await
        .unwrap();
    let past = doc! { "$set": { "expiresAt": DateTime::from_millis(1) } };
    let of_bert = doc! { "_p_user": format!("_User${bert}") };
    sessions.update_one(of_bert, past).await.unwrap();
    rows(&one, "_User")
        .await
        .delete_one(doc! { "_id": &carl })
        .await
        .unwrap();
    for app in [&one, &other] {
        for who in [&as_anna, &as_bert, &as_carl] {
            comes_to(app, who, "/classes/Note", 400).await;
        }
    }

    let (dora, as_dora) = one.user("dora").await;
    let secret = secret_of(&one, "staff").await;
    let staff = role(&one, "staff").await;
    assert_eq!(other.get(&as_dora, &secret).await.status, 404);
    let member = doc! { "owningId": staff, "relatedId": dora };
    rows(&one, "_Join:users:_Role")
        .await
        .insert_one(member)
        .await
        .unwrap();
    comes_to(&other, &as_dora, &secret, 200).await;
    rows(&one, "_Join:users:_Role").await.drop().await.unwrap();
    comes_to(&other, &as_dora, &secret, 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_change_at_one_replica_change_at_the_other() {
    let (one, other) = two().await;
    let (anna, as_anna) = one.user("anna").await;
    let (staff, boss) = (role(&one, "staff").await, role(&one, "boss").await);
    let secret = secret_of(&one, "staff").await;
    let sees = async |status| comes_to(&other, &as_anna, &secret, status).await;
    let change = async |role: &str, body: Value| {
        one.put(&As::Master, &format!("/roles/{role}"), body).await.ok();
    };
    assert_eq!(other.get(&as_anna, &secret).await.status, 404);
    change(&staff, json!({"users": members("AddRelation", "_User", &anna)})).await;
    sees(200).await;
    change(
        &staff,
        json!({"users": members("RemoveRelation", "_User", &anna)}),
    )
    .await;
    sees(404).await;
    // A boss is staff as well.
    change(&boss, json!({"users": members("AddRelation", "_User", &anna)})).await;
    change(&staff, json!({"roles": members("AddRelation", "_Role", &boss)})).await;
    sees(200).await;
    one.delete(&As::Master, &format!("/roles/{boss}")).await.ok();
    sees(404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_contain_each_other_do_not_hang() {
    let (one, other) = two().await;
    let (anna, as_anna) = one.user("anna").await;
    let ids = [
        role(&one, "a").await,
        role(&one, "b").await,
        role(&one, "c").await,
    ];
    for (position, id) in ids.iter().enumerate() {
        let next = members("AddRelation", "_Role", &ids[(position + 1) % ids.len()]);
        one.put(&As::Master, &format!("/roles/{id}"), json!({"roles": next}))
            .await
            .ok();
    }
    let itself = json!({"roles": members("AddRelation", "_Role", &ids[0])});
    one.put(&As::Master, &format!("/roles/{}", ids[0]), itself)
        .await
        .ok();
    let member = json!({"users": members("AddRelation", "_User", &anna)});
    one.put(&As::Master, &format!("/roles/{}", ids[2]), member)
        .await
        .ok();
    for name in ["a", "b", "c"] {
        let secret = secret_of(&one, name).await;
        for app in [&one, &other] {
            comes_to(app, &as_anna, &secret, 200).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_of_a_class_that_change_at_one_replica_change_at_the_other() {
    let (one, other) = two().await;
    one.create(&As::Master, "Note", json!({})).await;
    comes_to(&other, &As::Nobody, "/classes/Note", 200).await;
    let closed = json!({"classLevelPermissions": {"find": {}}});
    one.put(&As::Master, "/schemas/Note", closed).await.ok();
    comes_to(&other, &As::Nobody, "/classes/Note", 400).await;
    one.call(&As::Master, Method::DELETE, "/purge/Note", Value::Null)
        .await
        .ok();
    one.delete(&As::Master, "/schemas/Note").await.ok();
    comes_to(&other, &As::Nobody, "/classes/Note", 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_that_change_together_are_read_few_times() {
    let app = app(remembering).await;
    app.create(&As::Master, "Note", json!({})).await;
    comes_to(&app, &As::Nobody, "/classes/Note", 200).await;
    let database = app.mongo.database().await;
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    let (classes, profile) = (rows(&app, "_SCHEMA").await, rows(&app, "system.profile").await);
    let many = (0..200).map(|n| doc! { "_id": format!("Class{n}"), "objectId": "string", "title": "string" });
    classes.insert_many(many).await.unwrap();
    let closed = doc! { "$set": { "_metadata.class_permissions": { "find": {} } } };
    classes.update_one(doc! { "_id": "Note" }, closed).await.unwrap();
    comes_to(&app, &As::Nobody, "/classes/Note", 400).await;
    let namespace = format!("{}._SCHEMA", app.mongo.name());
    let readings = profile
        .count_documents(doc! { "ns": namespace, "op": "query" })
        .await
        .unwrap();
    assert!((1..=20).contains(&readings), "{readings} for 201 changes");
}
