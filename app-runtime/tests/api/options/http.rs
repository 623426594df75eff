//! Keys, addresses and limits.

use reqwest::Method;
use serde_json::{Value, json};

use super::with;
use crate::support::{Answer, App, As, answer};

#[tokio::test(flavor = "multi_thread")]
async fn an_app_answers_to_its_own_id() {
    let app = with(json!({"appId": "notes"})).await;
    for (id, status) in [("app", 403), ("notes", 200)] {
        let request = app
            .raw(Method::GET, "/config")
            .header("X-Parse-Application-Id", id);
        assert_eq!(answer(request).await.status, status, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_client_has_its_key_and_header() {
    for (option, header) in [
        ("clientKey", "X-Parse-Client-Key"),
        ("javascriptKey", "X-Parse-Javascript-Key"),
        ("restAPIKey", "X-Parse-REST-API-Key"),
        ("dotNetKey", "X-Parse-Windows-Key"),
    ] {
        let app = with(json!({ option: "right" })).await;
        for (key, status) in [("right", 200), ("wrong", 403)] {
            let request = app
                .raw(Method::GET, "/config")
                .header("X-Parse-Application-Id", "app");
            assert_eq!(
                answer(request.header(header, key)).await.status,
                status,
                "{option} {key}"
            );
        }
        assert_eq!(app.get(&As::Nobody, "/config").await.status, 403, "{option}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_of_the_owner_works_from_its_addresses() {
    for (key, addresses, header) in [
        ("masterKey", "masterKeyIps", "X-Parse-Master-Key"),
        ("readOnlyMasterKey", "readOnlyMasterKeyIps", "X-Parse-Master-Key"),
        ("maintenanceKey", "maintenanceKeyIps", "X-Parse-Maintenance-Key"),
    ] {
        for (from, status) in [("127.0.0.0/8", 200), ("203.0.113.9", 403)] {
            let app = with(json!({ key: "secret", addresses: [from] })).await;
            let request = app.raw(Method::GET, "/classes/_Session");
            let request = request
                .header("X-Parse-Application-Id", "app")
                .header(header, "secret");
            assert_eq!(answer(request).await.status, status, "{key} {from}");
        }
    }
}

async fn location(app: &App) -> String {
    let request = app
        .raw(Method::POST, "/classes/A")
        .header("X-Parse-Application-Id", "app");
    let created = request.body("{}").send().await.unwrap();
    created.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_below_its_mount_path() {
    let app = with(json!({"mountPath": "/v1/api/"})).await;
    assert!(app.url.ends_with("/v1/api"));
    assert!(location(&app).await.contains("/v1/api/classes/A/"));
    for (path, status) in [("/v1/api/classes/A", 200), ("/parse/classes/A", 400)] {
        let batch = json!({"requests": [{"method": "GET", "path": path}]});
        assert_eq!(
            app.post(&As::Nobody, "/batch", batch).await.status,
            status,
            "{path}"
        );
    }
    let elsewhere = app.url.replace("/v1/api", "/parse/classes/A");
    assert_eq!(reqwest::get(elsewhere).await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_address_is_told_and_else_that_of_the_server() {
    let inner = json!({"serverURL": "https://inner.example/parse"});
    let mut both = inner.clone();
    both["publicServerURL"] = "https://public.example/parse".into();
    for (options, begins) in [
        (inner, "https://inner.example/parse/classes/A/"),
        (both, "https://public.example/parse/classes/A/"),
    ] {
        let told = location(&with(options).await).await;
        assert!(told.starts_with(begins), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_are_told_where_errors_are_not_sanitized() {
    for sanitized in [true, false] {
        let app =
            with(json!({"enableSanitizedErrorResponse": sanitized, "allowClientClassCreation": false})).await;
        let refused = app.post(&As::Nobody, "/classes/New", json!({})).await;
        assert_eq!(refused.refusal(), (400, 119));
        assert_eq!(
            refused.body["error"] == "Permission denied",
            sanitized,
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_counts_the_owner_and_this_machine_where_it_says_so() {
    for (internal, master) in [(false, false), (true, false), (true, true)] {
        let limit = json!({"requestPath": "/classes/*path", "requestTimeWindow": 3_600_000, "requestCount": 1,
            "includeInternalRequests": internal, "includeMasterKey": master});
        let app = with(json!({ "rateLimit": limit })).await;
        for (who, counted) in [(As::Nobody, internal), (As::Master, internal && master)] {
            app.get(&who, "/classes/A").await;
            let second = app.get(&who, "/classes/A").await.status;
            assert_eq!(second, if counted { 429 } else { 200 }, "{who:?} {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_counts_together_whom_its_zone_says() {
    for (zone, expected) in [
        ("ip", [200, 429, 429]),
        ("user", [200, 429, 200]),
        ("session", [200, 200, 200]),
    ] {
        let limit = json!({"requestPath": "/classes/*path", "requestTimeWindow": 3_600_000, "requestCount": 1,
            "includeInternalRequests": true, "zone": zone});
        let app = with(json!({ "rateLimit": limit })).await;
        let (_, anna) = app.user("anna").await;
        let again = json!({"username": "anna", "password": "pw"});
        let again = app.post(&As::Nobody, "/login", again).await.ok();
        let again = As::User(again["sessionToken"].as_str().unwrap().into());
        let (_, ben) = app.user("ben").await;
        let mut seen = Vec::new();
        for who in [&anna, &again, &ben] {
            seen.push(app.get(who, "/classes/A").await.status);
        }
        assert_eq!(seen, expected, "{zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_on_a_request_is_its_own() {
    let in_query = |inner: Value| json!({"a": {"$inQuery": {"className": "A", "where": inner}}}).to_string();
    let find = |parameters: String| (Method::GET, format!("/classes/A?{parameters}"), Value::Null);
    let clause = |clause: String| find(format!("where={}", crate::support::encode(&clause)));
    let twice = json!({"requests": vec![json!({"method": "GET", "path": "/parse/classes/A"}); 2]});
    for (field, value, (method, path, body), code) in [
        ("includeCount", json!(1), find("include=a,b".into()), 102),
        ("includeDepth", json!(1), find("include=a.b".into()), 102),
        (
            "subqueryDepth",
            json!(1),
            clause(in_query(
                json!({"a": {"$inQuery": {"className": "A", "where": {}}}}),
            )),
            102,
        ),
        (
            "queryDepth",
            json!(1),
            clause(json!({"$or": [{"$and": [{"n": 1}]}]}).to_string()),
            102,
        ),
        (
            "allowRegex",
            json!(false),
            clause(json!({"name": {"$regex": "x"}}).to_string()),
            102,
        ),
        (
            "batchRequestLimit",
            json!(1),
            (Method::POST, "/batch".into(), twice),
            107,
        ),
    ] {
        let (free, bound) = (
            with(json!({})).await,
            with(json!({"requestComplexity": { field: value }})).await,
        );
        let ask =
            async |app: &App| -> Answer { app.call(&As::Nobody, method.clone(), &path, body.clone()).await };
        assert_eq!(ask(&free).await.status, 200, "{field}");
        assert_eq!(ask(&bound).await.refusal(), (400, code), "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_remembered_for_as_long_as_the_app_says() {
    let app = with(json!({"idempotencyOptions": {"paths": ["classes/A"], "ttl": 1}})).await;
    let once = async || {
        let request = app
            .raw(Method::POST, "/classes/A")
            .header("X-Parse-Application-Id", "app");
        answer(request.header("X-Parse-Request-Id", "the-same").body("{}"))
            .await
            .status
    };
    assert_eq!((once().await, once().await), (201, 400));
    let again = async || once().await == 201;
    test_kit::wait_until(
        std::time::Duration::from_secs(10),
        "the request is forgotten",
        again,
    )
    .await;
}
