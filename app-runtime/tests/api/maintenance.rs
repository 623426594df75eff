//! The maintenance key: everything that is stored, but nothing of what the master key opens.

use app_runtime::settings::IpRanges;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, answer, app, encode, stock};

async fn kept() -> App {
    app(|settings| {
        settings.allow_client_class_creation = true;
        settings.maintenance_key = Some("maintain".to_owned().into());
    })
    .await
}

async fn maintain(app: &App, method: Method, path: &str, body: Value) -> Answer {
    let request = app
        .raw(method, path)
        .header("X-Parse-Application-Id", "app")
        .header("X-Parse-Maintenance-Key", "maintain");
    answer(match body {
        Value::Null => request,
        body => request.json(&body),
    })
    .await
}

fn date(iso: &str) -> Value {
    json!({"__type": "Date", "iso": iso})
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_columns_are_shown_to_the_maintenance_key_alone() {
    let app = kept().await;
    let (anna, as_anna) = app.user("anna").await;
    let path = format!("/users/{anna}");
    let count =
        json!({"_failed_login_count": 3, "_account_lockout_expires_at": date("2020-01-01T00:00:00.000Z")});
    maintain(&app, Method::PUT, &path, count.clone()).await.ok();
    let shown = maintain(&app, Method::GET, &path, Value::Null).await.ok();
    assert!(shown["password"].as_str().unwrap().starts_with("$2"), "{shown}");
    assert_eq!(shown["_failed_login_count"], json!(3));
    assert_eq!(
        shown["_account_lockout_expires_at"],
        json!("2020-01-01T00:00:00.000Z")
    );
    assert_eq!(shown.get("_hashed_password"), None);

    let clause = encode(&json!({"_failed_login_count": 3}).to_string());
    let found = maintain(&app, Method::GET, &format!("/users?where={clause}"), Value::Null)
        .await
        .ok();
    assert_eq!(found["results"][0]["objectId"], json!(anna));
    let clause = encode(&json!({"_hashed_password": {"$exists": true}}).to_string());
    let guess = maintain(&app, Method::GET, &format!("/users?where={clause}"), Value::Null).await;
    assert_eq!(guess.refusal(), (400, 105));

    for who in [&as_anna, &As::Master] {
        let shown = app.get(who, &path).await.ok();
        let keys = shown.as_object().unwrap().keys();
        assert!(
            !keys.clone().any(|key| key == "password" || key.starts_with('_')),
            "{shown}"
        );
        assert_eq!(app.put(who, &path, count.clone()).await.refusal(), (400, 105));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_moves_in_with_their_password_and_dates() {
    let app = kept().await;
    let (anna, _) = app.user("anna").await;
    let hash = maintain(&app, Method::GET, &format!("/users/{anna}"), Value::Null)
        .await
        .ok()["password"]
        .clone();
    let bert = json!({
        "username": "bert", "_hashed_password": hash,
        "createdAt": date("2020-01-01T00:00:00.000Z"), "updatedAt": date("2021-01-01T00:00:00.000Z"),
    });
    let made = maintain(&app, Method::POST, "/users", bert.clone()).await;
    assert_eq!(
        (made.status, &made.body["createdAt"]),
        (201, &json!("2020-01-01T00:00:00.000Z"))
    );
    let login = json!({"username": "bert", "password": "pw"});
    let user = app.post(&As::Nobody, "/login", login).await.ok();
    assert_eq!(user["createdAt"], json!("2020-01-01T00:00:00.000Z"));
    assert_eq!(user["updatedAt"], json!("2021-01-01T00:00:00.000Z"));

    assert_eq!(
        app.post(&As::Master, "/users", bert).await.refusal(),
        (400, 201),
        "nobody else"
    );
    let nonsense = json!({"username": "carl", "_hashed_password": {"$ne": 1}});
    assert_eq!(
        maintain(&app, Method::POST, "/users", nonsense).await.refusal(),
        (400, 111)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_keeps_its_dates_if_the_maintenance_key_says_so() {
    let app = kept().await;
    let (old, older) = ("2020-01-01T00:00:00.000Z", "2019-01-01T00:00:00.000Z");
    let made = maintain(
        &app,
        Method::POST,
        "/classes/Note",
        json!({"createdAt": date(old)}),
    )
    .await
    .ok();
    assert_eq!(made["createdAt"], json!(old));
    let path = format!("/classes/Note/{}", made["objectId"].as_str().unwrap());
    assert_eq!(app.get(&As::Nobody, &path).await.ok()["updatedAt"], json!(old));
    let wrong = json!({"createdAt": date(old), "updatedAt": date(older)});
    let refused = maintain(&app, Method::POST, "/classes/Note", wrong).await;
    assert_eq!(refused.refusal(), (400, 142));
    let by_master = app
        .post(&As::Master, "/classes/Note", json!({"createdAt": date(old)}))
        .await
        .ok();
    assert_ne!(by_master["createdAt"], json!(old));
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_do_not_bind_the_maintenance_key_and_the_owners_routes_stay_closed() {
    let app = kept().await;
    let (anna, _) = app.user("anna").await;
    let id = app
        .create(&As::Master, "Secret", json!({"n": 1, "ACL": {}}))
        .await;
    let path = format!("/classes/Secret/{id}");
    assert_eq!(
        maintain(&app, Method::GET, &path, Value::Null).await.ok()["n"],
        json!(1)
    );
    maintain(&app, Method::PUT, &path, json!({"n": 2})).await.ok();
    assert_eq!(app.get(&As::Master, &path).await.ok()["n"], json!(2));
    for (method, path, body) in [
        (Method::GET, "/schemas", Value::Null),
        (Method::GET, "/aggregate/Secret", Value::Null),
        (Method::DELETE, "/purge/Secret", Value::Null),
        (Method::PUT, "/config", json!({"params": {"a": 1}})),
        (Method::GET, "/serverInfo", Value::Null),
    ] {
        assert_eq!(maintain(&app, method, path, body).await.status, 403, "{path}");
    }
    let login = maintain(&app, Method::POST, "/loginAs", json!({"userId": anna})).await;
    assert_eq!(login.refusal(), (400, 119));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_maintenance_key_works_from_listed_addresses_only_and_not_at_all_where_there_is_none() {
    let app = app(|settings| {
        settings.maintenance_key = Some("maintain".to_owned().into());
        settings.maintenance_key_ips = IpRanges::parse(&["203.0.113.9"]).unwrap();
    })
    .await;
    assert_eq!(
        maintain(&app, Method::GET, "/users", Value::Null).await.status,
        403
    );
    let without = stock().await;
    let (anna, _) = without.user("anna").await;
    let shown = maintain(&without, Method::GET, &format!("/users/{anna}"), Value::Null).await;
    assert_eq!(shown.refusal(), (404, 101));
}
