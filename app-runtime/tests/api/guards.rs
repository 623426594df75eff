//! What a request must get past: rate limits, allowed routes, complexity, repeated requests.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, answer, app};
use app_runtime::settings::Settings;

/// The typed form of options as a person writes them.
fn options(more: Value) -> Settings {
    let mut all = json!({"appId": "app", "masterKey": "master"});
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    Settings::from_options(all.as_object().unwrap()).unwrap()
}

/// The same requests as a transaction.
fn as_one(mut batch: Value) -> Value {
    batch["transaction"] = true.into();
    batch
}

async fn limited(limit: Value) -> App {
    app(|settings| {
        settings.allow_client_class_creation = true;
        settings.rate_limits = options(json!({ "rateLimit": limit })).rate_limits;
    })
    .await
}

fn batch(path: &str, count: usize) -> Value {
    let request = json!({"method": "POST", "path": format!("/parse{path}"), "body": {}});
    json!({ "requests": vec![request; count] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_counts_per_address_and_spares_the_owner() {
    let limit = json!({"requestPath": "/classes/*path", "requestTimeWindow": 3_600_000, "requestCount": 2,
        "requestMethods": ["POST"], "includeInternalRequests": true, "errorResponseMessage": "Slow down."});
    let app = limited(limit).await;
    for _ in 0..2 {
        app.create(&As::Nobody, "A", json!({})).await;
    }
    let refused = app.post(&As::Nobody, "/classes/A", json!({})).await;
    assert_eq!(
        (refused.status, refused.body),
        (429, json!({"code": 100, "error": "Slow down."}))
    );
    assert_eq!(
        app.get(&As::Nobody, "/classes/A").await.status,
        200,
        "other verbs are free"
    );
    app.create(&As::Master, "A", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_request_is_told_when_the_whole_window_is_over() {
    let limit = json!({"requestPath": "/classes/A", "requestTimeWindow": 3_600_000, "requestCount": 60,
        "includeInternalRequests": true});
    let app = limited(limit).await;
    let refused = app.post(&As::Nobody, "/batch", batch("/classes/A", 61)).await;
    assert_eq!(refused.status, 429);
    let request = app
        .raw(Method::GET, "/classes/A")
        .header("X-Parse-Application-Id", "app");
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((3_000..=3_600).contains(&wait), "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_counts_for_each_limit_on_it_also_when_another_refuses_it() {
    let limit = |count: u32, message: &str| {
        json!({"requestPath": "/classes/*path", "requestTimeWindow": 3_600_000, "requestCount": count,
            "includeInternalRequests": true, "errorResponseMessage": message})
    };
    let app = limited(json!([limit(4, "four"), limit(2, "two")])).await;
    let mut said = Vec::new();
    for _ in 0..6 {
        said.push(app.get(&As::Nobody, "/classes/A").await.body["error"].clone());
    }
    let none = Value::Null;
    assert_eq!(
        said,
        [
            none.clone(),
            none,
            json!("two"),
            json!("two"),
            json!("four"),
            json!("four")
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_one_clients_limit_leaves_another_alone() {
    let limit = json!({"requestPath": "/classes/*path", "requestTimeWindow": 3_600_000, "requestCount": 1});
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.rate_limits = options(json!({ "rateLimit": limit })).rate_limits;
        settings.trust_proxy = options(json!({"trustProxy": 1})).trust_proxy;
    })
    .await;
    let ask = async |lines: &[&str]| {
        let request = app
            .raw(Method::GET, "/classes/A")
            .header("X-Parse-Application-Id", "app");
        let request = lines
            .iter()
            .fold(request, |request, line| request.header("X-Forwarded-For", *line));
        answer(request).await.status
    };
    assert_eq!(ask(&["203.0.113.9"]).await, 200);
    assert_eq!(ask(&["203.0.113.9"]).await, 429);
    assert_eq!(
        ask(&["198.51.100.1", "203.0.113.9"]).await,
        429,
        "an address of its own choice"
    );
    assert_eq!(ask(&["203.0.113.8"]).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_may_count_per_user() {
    let limit = json!({"requestPath": "/classes/:class", "requestTimeWindow": 3_600_000, "requestCount": 1,
        "zone": "user", "includeInternalRequests": true});
    let app = limited(limit).await;
    let (_, anna) = app.user("anna").await;
    let (_, bert) = app.user("bert").await;
    app.create(&As::Master, "A", json!({})).await;
    for who in [&anna, &bert] {
        assert_eq!(app.get(who, "/classes/A").await.status, 200);
        assert_eq!(app.get(who, "/classes/A").await.status, 429);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30972_requests_in_a_batch_count_one_by_one() {
    let limit = json!({"requestPath": "/classes/A", "requestTimeWindow": 3_600_000, "requestCount": 3,
        "includeInternalRequests": true});
    for too_many in [batch("/classes/A", 4), as_one(batch("/classes/A", 4))] {
        let app = limited(limit.clone()).await;
        let refused = app.post(&As::Nobody, "/batch", too_many).await;
        assert_eq!((refused.status, &refused.body["code"]), (429, &json!(100)));
        assert!(
            app.find(&As::Master, "A", json!({})).await.is_empty(),
            "none was carried out"
        );
    }
    let app = limited(limit).await;
    assert_eq!(
        app.post(&As::Nobody, "/batch", batch("/classes/B", 4))
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_passes_a_rate_limit() {
    let limit = json!({"requestPath": "/classes/A", "requestTimeWindow": 3_600_000, "requestCount": 1,
        "includeInternalRequests": true});
    let app = limited(limit).await;
    app.create(&As::Nobody, "A", json!({})).await;
    for path in [
        "/classes/A",
        "/classes/A/",
        "/classes//A",
        "//classes/A",
        "/classes/%41",
        "/%63lasses/A",
        "/classes/A?x=1",
        "/classes/A//",
    ] {
        let refused = app.get(&As::Nobody, path).await;
        assert!(matches!(refused.status, 429 | 404), "{path} {refused:?}");
        let item = json!({"method": "GET", "path": format!("/parse{path}")});
        let refused = app
            .post(&As::Nobody, "/batch", json!({ "requests": [item] }))
            .await;
        let passed = refused.status == 200 && refused.body[0]["success"].is_object();
        assert!(!passed, "{path} {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_50008_only_allowed_routes_are_open_in_a_batch_as_well() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.route_allow_list =
            options(json!({"routeAllowList": ["classes/A.*", "batch"]})).route_allow_list;
    })
    .await;
    app.create(&As::Nobody, "A", json!({})).await;
    app.create(&As::Master, "B", json!({})).await;
    assert_eq!(app.get(&As::Nobody, "/classes/B").await.refusal(), (400, 119));
    assert_eq!(
        app.post(&As::Nobody, "/users", json!({})).await.refusal(),
        (400, 119)
    );
    assert_eq!(
        app.post(&As::Nobody, "/batch", as_one(batch("/classes/B", 1)))
            .await
            .refusal(),
        (400, 119)
    );
    assert_eq!(
        app.post(&As::Nobody, "/batch", batch("/classes/B", 1))
            .await
            .refusal(),
        (400, 119)
    );
    assert_eq!(
        app.post(&As::Nobody, "/batch", batch("/classes/A", 1))
            .await
            .status,
        200
    );
    assert_eq!(
        app.raw(Method::GET, "/health").send().await.unwrap().status(),
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_batches_are_as_complex_as_the_app_allows() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        let limits = json!({"queryDepth": 1, "includeDepth": 1, "subqueryLimit": 1, "batchRequestLimit": 2, "allowRegex": false});
        settings.request_complexity = options(json!({ "requestComplexity": limits })).request_complexity;
    })
    .await;
    let first = app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let second = app.create(&As::Nobody, "A", json!({"n": 2})).await;
    for id in [&first, &second] {
        let pointer = json!({"__type": "Pointer", "className": "A", "objectId": id});
        app.create(&As::Nobody, "B", json!({ "a": pointer })).await;
    }
    for query in [
        r#"where={"$or":[{"$and":[{"n":1}]}]}"#,
        r#"where={"name":{"$regex":"x"}}"#,
        "include=a.b",
    ] {
        assert_eq!(
            app.get(&As::Nobody, &format!("/classes/A?{query}"))
                .await
                .refusal(),
            (400, 102),
            "{query}"
        );
        assert_eq!(
            app.get(&As::Master, &format!("/classes/A?{query}")).await.status,
            200,
            "{query}"
        );
    }
    let inner = json!({"a": {"$inQuery": {"className": "A", "where": {"n": {"$gt": 0}}}}});
    assert_eq!(app.find(&As::Nobody, "B", inner.clone()).await.len(), 1);
    assert_eq!(app.find(&As::Master, "B", inner).await.len(), 2);
    let refused = app.post(&As::Nobody, "/batch", batch("/classes/A", 3)).await;
    assert_eq!(refused.refusal(), (400, 107));
    assert_eq!(
        app.post(&As::Master, "/batch", batch("/classes/A", 3))
            .await
            .status,
        200
    );
}

async fn with_id(app: &App, method: Method, path: &str, id: &str) -> Answer {
    let request = app
        .raw(method, path)
        .header("X-Parse-Application-Id", "app")
        .header("X-Parse-Request-Id", id);
    answer(request.json(&json!({}))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_is_refused_where_the_settings_say_so() {
    let app = app(|settings| {
        settings.allow_client_class_creation = true;
        settings.idempotency =
            options(json!({"idempotencyOptions": {"paths": ["classes/A.*"], "ttl": 60}})).idempotency;
    })
    .await;
    assert_eq!(with_id(&app, Method::POST, "/classes/A", "1").await.status, 201);
    let again = with_id(&app, Method::POST, "/classes/A", "1").await;
    assert_eq!(again.body, json!({"code": 159, "error": "Duplicate request"}));
    assert_eq!(with_id(&app, Method::POST, "/classes/A", "2").await.status, 201);
    for _ in 0..2 {
        assert_eq!(
            with_id(&app, Method::POST, "/classes/B", "3").await.status,
            201,
            "not among the paths"
        );
        assert_eq!(
            with_id(&app, Method::GET, "/classes/A", "4").await.status,
            200,
            "reads may repeat"
        );
    }
    assert_eq!(
        with_id(&app, Method::PUT, "/classes/A/none", "5").await.refusal(),
        (404, 101)
    );
    assert_eq!(
        with_id(&app, Method::PUT, "/classes/A/none", "5").await.refusal(),
        (400, 159)
    );
    let both = tokio::join!(
        with_id(&app, Method::POST, "/classes/A", "6"),
        with_id(&app, Method::POST, "/classes/A", "6")
    );
    let mut statuses = [both.0.status, both.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400], "at the same moment as well");
}
