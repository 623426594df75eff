//! Every route of one app, with whatever the people of the other have.

use app_runtime::routes::{PAGES, ROUTES, Row};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Tenant, two, with_keys};
use crate::support::{Answer, answer};

/// Every route of the table, and some in another form, with the ids of `tenant` in it.
fn routes(tenant: &Tenant) -> Vec<(Method, String, Value)> {
    let method = |name: &str| Method::from_bytes(name.as_bytes()).unwrap();
    let of_table = ROUTES
        .iter()
        .map(|row| (method(row.method), path(tenant, row), body(tenant, row)));
    let get = |path: String| (Method::GET, path, Value::Null);
    let batch = json!({"transaction": true, "requests": [
        {"method": "PUT", "path": format!("/parse/classes/Task/{}", tenant.object), "body": {"title": "changed"}},
    ]});
    let other_forms = [
        get("/classes/_User?count=1&limit=0".into()),
        get(format!("/users/me?token={}", tenant.token)),
        (Method::POST, "/batch".into(), batch),
    ];
    of_table.chain(other_forms).collect()
}

/// A path of the row that leads to something.
fn path(tenant: &Tenant, row: &Row) -> String {
    let part = |part: &'static str| match part {
        ":class" => "Task",
        ":id" => id(tenant, row.path),
        ":name" => "AppOpened",
        part => part,
    };
    let path: Vec<&str> = row.path.split('/').map(part).collect();
    let query = match row.path {
        "login" | "verifyPassword" if row.method == "GET" => "?username=vera&password=pw",
        "aggregate/:class" => "?distinct=title",
        _ => "",
    };
    format!("/{}{query}", path.join("/"))
}

fn id<'t>(tenant: &'t Tenant, path: &str) -> &'t str {
    match path.trim_end_matches("/:id") {
        "classes/:class" => &tenant.object,
        "users" | "classes/_User" => &tenant.user,
        "sessions" | "classes/_Session" => &tenant.session,
        "installations" | "classes/_Installation" => &tenant.installation,
        "roles" => &tenant.role,
        "push_audiences" => &tenant.audience,
        other => panic!("nothing of a tenant has an id below {other}"),
    }
}

/// A body that the route would take from the right caller.
fn body(tenant: &Tenant, row: &Row) -> Value {
    match (row.method, row.path) {
        ("GET" | "DELETE", _) => Value::Null,
        ("POST", "users" | "classes/_User") => json!({"username": "new", "password": "pw"}),
        (_, "login" | "verifyPassword") => json!({"username": "vera", "password": "pw"}),
        (_, "loginAs") => json!({ "userId": tenant.user }),
        (_, "challenge") => json!({"challengeData": {}}),
        (_, "requestPasswordReset" | "verificationEmailRequest") => json!({"email": "vera@example.org"}),
        (_, "logout" | "upgradeToRevocableSession" | "sessions" | "classes/_Session") => json!({}),
        ("POST", "roles") => json!({"name": "Mine", "ACL": {}}),
        ("POST", "installations" | "classes/_Installation") => {
            json!({"installationId": "device", "deviceType": "ios"})
        }
        (_, "schemas") => json!({"className": "Mine"}),
        (_, "schemas/:class") => json!({"fields": {"x": {"type": "String"}}}),
        (_, "config") => json!({"params": {"x": 1}}),
        (_, "graphql-config") => json!({"params": {"enabledForClasses": ["Task"]}}),
        (_, "push_audiences") => json!({"name": "x", "query": "{}"}),
        (_, "batch") => json!({"requests": [
            {"method": "DELETE", "path": format!("/parse/classes/Task/{}", tenant.object)},
            {"method": "GET", "path": "/parse/users/me"},
        ]}),
        _ => json!({"title": "changed"}),
    }
}

/// Every way of saying that one is the other app's.
fn credentials(ours: &Tenant) -> Vec<Vec<(&'static str, String)>> {
    let header = |name: &'static str, value: &str| (name, value.to_owned());
    let id = header("X-Parse-Application-Id", "ours");
    let session = header("X-Parse-Session-Token", &ours.token);
    let mut all: Vec<Vec<_>> = [
        ("X-Parse-Master-Key", "master-ours"),
        ("X-Parse-Master-Key", "look-ours"),
        ("X-Parse-Maintenance-Key", "maintenance-ours"),
        ("X-Parse-REST-API-Key", "rest-ours"),
        ("X-Parse-Client-Key", "client-ours"),
        ("X-Parse-Javascript-Key", "js-ours"),
    ]
    .map(|(name, key)| vec![id.clone(), session.clone(), header(name, key)])
    .into();
    let names_them: Vec<Vec<_>> = all
        .iter()
        .map(|headers| {
            let rest = headers.iter().skip(1).cloned();
            std::iter::once(header("X-Parse-Application-Id", "theirs"))
                .chain(rest)
                .collect()
        })
        .collect();
    all.extend(names_them);
    all
}

/// With `body` as JSON, unless there is none.
fn with_body(request: RequestBuilder, body: &Value) -> RequestBuilder {
    if body.is_null() {
        request
    } else {
        request.json(body)
    }
}

/// Only the app id of a request may be public knowledge; with nothing else right, every route says the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_the_other_apps_keys_in_the_same_words() {
    let (ours, theirs) = two().await;
    let before = theirs.everything().await;
    let unauthorized = Answer {
        status: 403,
        body: json!({"error": "unauthorized"}),
    };
    for (method, path, body) in routes(&theirs).into_iter().chain(routes(&ours)) {
        for headers in credentials(&ours) {
            let request = theirs.app.raw(method.clone(), &path);
            let request = headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, value));
            let refused = answer(with_body(request, &body)).await;
            assert_eq!(refused, unauthorized, "{method} {path} {headers:?}");
        }
        let sdk = json!({"_method": method.as_str(), "_ApplicationId": "theirs", "_MasterKey": "master-ours",
            "_JavaScriptKey": "js-ours", "_SessionToken": ours.token});
        let request = theirs.app.raw(Method::POST, &path).body(sdk.to_string());
        assert_eq!(answer(request).await, unauthorized, "{method} {path}");
    }
    assert_eq!(theirs.everything().await, before);
}

/// The public keys of an app are in every copy of its client: with those, a session or id of another app is worth nothing.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_ids_of_one_app_mean_nothing_in_the_other() {
    let (ours, theirs) = two().await;
    for (method, path, body) in routes(&ours) {
        // Whoever logs in may still hold a session that is worth nothing any more.
        if path.split('?').next() == Some("/login") {
            continue;
        }
        let request = with_keys(theirs.app.raw(method.clone(), &path), "theirs")
            .header("X-Parse-Session-Token", &ours.token);
        let refused = answer(with_body(request, &body)).await;
        assert_eq!(refused.refusal(), (400, 209), "{method} {path} {refused:?}");
    }
    for (method, path, body) in routes(&ours) {
        let named = ours.secrets().iter().any(|secret| path.contains(secret));
        if !named || path.contains("token=") {
            continue;
        }
        let request = with_keys(theirs.app.raw(method.clone(), &path), "theirs");
        let refused = answer(with_body(request, &body)).await;
        assert!(
            (400..500).contains(&refused.status),
            "{method} {path} {refused:?}"
        );
        let invented = path.replace(|c: char| c.is_ascii_digit(), "z");
        let request = with_keys(theirs.app.raw(method.clone(), &invented), "theirs");
        let same = answer(with_body(request, &body)).await;
        assert_eq!(
            same.refusal(),
            refused.refusal(),
            "an id of another app is like one of nobody"
        );
    }
}

/// They need no keys, only the right app's id.
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_one_app_are_not_served_by_the_other() {
    let (ours, theirs) = two().await;
    let before = theirs.everything().await;
    for (method, path) in PAGES.iter().filter(|(_, path)| path.contains(":app")) {
        let parameters = format!("token={}&username=vera&new_password=x", ours.token);
        let path = format!("/apps/{}?{parameters}", path.replace(":app", "ours"));
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = theirs
            .app
            .raw(method.clone(), &path)
            .header("Content-Type", "application/x-www-form-urlencoded");
        let refused = answer(request.body(parameters)).await;
        assert_eq!(refused.status, 403, "{method} {path} {refused:?}");
    }
    assert_eq!(theirs.everything().await, before);
}
