//! Any OAuth 2 provider that can be asked about its tokens (RFC 7662).

use serde_json::{Value, json};

use super::provider::{Call, Provider, Reply, ok, reply};
use super::{app, sign_in};

/// Knows the token `<user>@<app>`, to whoever comes with this password.
fn introspect(call: &Call, password: &str) -> Reply {
    if call.method != "POST"
        || call
            .headers
            .get("authorization")
            .is_none_or(|sent| sent != password)
    {
        return reply(401, json!({"error": "invalid_client"}));
    }
    let token = call.form.get("token").map(String::as_str).unwrap_or_default();
    match token.split_once('@') {
        Some((user, app)) => ok(json!({"active": true, "sub": user, "client_id": app})),
        None if token == "exhausted" => ok(json!({"active": false, "sub": "anna", "client_id": "app"})),
        None if token == "truthy" => ok(json!({"active": "false", "sub": "anna", "client_id": "app"})),
        None if token == "expired" => {
            ok(json!({"active": true, "sub": "anna", "client_id": "app", "exp": 1}))
        }
        None if token == "numeric" => ok(json!({"active": true, "sub": 12, "client_id": ["other", "app"]})),
        None => ok(json!({"active": false})),
    }
}

fn options(provider: &Provider, path: &str, password: &str, app_id: &str) -> Value {
    json!({
        "oauth2": true, "tokenIntrospectionEndpointUrl": format!("{}{path}", provider.url),
        "appidField": "client_id", "appIds": [app_id], "authorizationHeader": password,
    })
}

fn auth(name: &str, id: &str, token: &str) -> Value {
    json!({name: {"id": id, "access_token": token}})
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30967_and_32269_only_an_active_token_of_the_user_and_app_signs_in() {
    let provider = Provider::start().await;
    provider.on("/introspect", |call| introspect(call, "Basic right"));
    let app = app(
        &provider,
        json!({"company": options(&provider, "/introspect", "Basic right", "app")}),
    )
    .await;
    for (id, token) in [("anna", "anna@app"), ("12", "numeric")] {
        let answer = sign_in(&app, auth("company", id, token)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    for (what, attempt) in [
        (
            "cve_2026_30967 somebody else's",
            auth("company", "anna", "bert@app"),
        ),
        (
            "cve_2025_30168 of another app",
            auth("company", "anna", "anna@other"),
        ),
        (
            "cve_2022_39231 of an app with part of the name",
            auth("company", "anna", "anna@ap"),
        ),
        ("inactive", auth("company", "anna", "exhausted")),
        ("active only as a text", auth("company", "anna", "truthy")),
        ("expired", auth("company", "anna", "expired")),
        ("unknown", auth("company", "anna", "nonsense")),
        ("no token", json!({"company": {"id": "anna"}})),
        ("no id", json!({"company": {"access_token": "anna@app"}})),
    ] {
        assert_eq!(sign_in(&app, attempt).await.refusal(), (404, 101), "{what}");
    }
    let first = &provider.calls("/introspect")[0];
    assert_eq!(
        first.form.get("token").map(String::as_str),
        Some("anna@app"),
        "cve_2026_32269"
    );
    assert_eq!(first.form.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_32242_two_providers_at_once_share_nothing() {
    let provider = Provider::start().await;
    provider.on("/one", |call| introspect(call, "Basic one"));
    provider.on("/two", |call| introspect(call, "Basic two"));
    let auth_options = json!({
        "one": options(&provider, "/one", "Basic one", "app-one"),
        "two": options(&provider, "/two", "Basic two", "app-two"),
    });
    let app = app(&provider, auth_options).await;
    let attempts = (0..16).map(|number| {
        let (own, other) = if number % 2 == 0 {
            ("one", "two")
        } else {
            ("two", "one")
        };
        let app_of_token = if number < 8 { own } else { other };
        let attempt = auth(
            own,
            &format!("u{number}"),
            &format!("u{number}@app-{app_of_token}"),
        );
        sign_in(&app, attempt)
    });
    let statuses: Vec<u16> = futures_util::future::join_all(attempts)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(statuses, [[201; 8], [404; 8]].concat());
}
