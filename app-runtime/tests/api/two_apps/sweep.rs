//! Every route of one app, with whatever the people of the other have.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Tenant, two, with_keys};
use crate::support::{Answer, answer};

/// Every route there is, with the ids of `tenant` in it.
fn routes(tenant: &Tenant) -> Vec<(Method, String, Value)> {
    let Tenant {
        user,
        object,
        session,
        installation,
        role,
        token,
        ..
    } = tenant;
    let get = |path: String| (Method::GET, path, Value::Null);
    let write = json!({"title": "changed"});
    let log_in = json!({"username": "vera", "password": "pw"});
    let mut all = vec![
        get("/classes/Task".into()),
        get("/users".into()),
        get("/users/me".into()),
        get("/sessions".into()),
        get("/sessions/me".into()),
        get("/roles".into()),
        get("/installations".into()),
        get("/schemas".into()),
        get("/schemas/Task".into()),
        get("/config".into()),
        get("/serverInfo".into()),
        get("/security".into()),
        get("/aggregate/Task?distinct=title".into()),
        get("/push_audiences".into()),
        get("/login?username=vera&password=pw".into()),
        get("/classes/_User?count=1&limit=0".into()),
        (Method::POST, "/classes/Task".into(), write.clone()),
        (
            Method::POST,
            "/users".into(),
            json!({"username": "new", "password": "pw"}),
        ),
        (Method::POST, "/login".into(), log_in.clone()),
        (Method::POST, "/loginAs".into(), json!({ "userId": user })),
        (Method::POST, "/verifyPassword".into(), log_in),
        (Method::POST, "/logout".into(), json!({})),
        (Method::POST, "/challenge".into(), json!({"challengeData": {}})),
        (Method::POST, "/upgradeToRevocableSession".into(), json!({})),
        (
            Method::POST,
            "/requestPasswordReset".into(),
            json!({"email": "vera@example.org"}),
        ),
        (
            Method::POST,
            "/verificationEmailRequest".into(),
            json!({"email": "vera@example.org"}),
        ),
        (Method::POST, "/sessions".into(), json!({})),
        (Method::POST, "/roles".into(), json!({"name": "Mine", "ACL": {}})),
        (
            Method::POST,
            "/installations".into(),
            json!({"installationId": "device", "deviceType": "ios"}),
        ),
        (Method::POST, "/schemas/Mine".into(), json!({"className": "Mine"})),
        (
            Method::PUT,
            "/schemas/Task".into(),
            json!({"fields": {"x": {"type": "String"}}}),
        ),
        (Method::DELETE, "/schemas/Task".into(), Value::Null),
        (Method::DELETE, "/purge/Task".into(), Value::Null),
        (Method::PUT, "/config".into(), json!({"params": {"x": 1}})),
        (
            Method::POST,
            "/push_audiences".into(),
            json!({"name": "x", "query": "{}"}),
        ),
        (
            Method::POST,
            "/batch".into(),
            json!({"requests": [
                {"method": "DELETE", "path": format!("/parse/classes/Task/{object}")},
                {"method": "GET", "path": "/parse/users/me"},
            ]}),
        ),
        get(format!("/users/me?token={token}")),
    ];
    for (collection, id) in [
        ("classes/Task", object),
        ("users", user),
        ("sessions", session),
        ("installations", installation),
        ("roles", role),
    ] {
        let path = format!("/{collection}/{id}");
        all.push(get(path.clone()));
        all.push((Method::PUT, path.clone(), write.clone()));
        all.push((Method::DELETE, path, Value::Null));
    }
    all
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
        if path == "/users" || path.starts_with("/login") || path == "/verifyPassword" {
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
