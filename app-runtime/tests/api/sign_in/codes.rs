//! Providers whose code the server exchanges: each with its documented endpoints, as fakes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::provider::{Call, Provider, ok, reply};
use super::{app, sign_in, signed_in};
use crate::support::{App, As};

/// How a provider wants its token endpoint called.
#[derive(Clone, Copy, PartialEq)]
enum Client {
    InForm,
    InHeader,
    Public,
    InQuery,
    /// As `InQuery`, by WeChat's names.
    WeChat,
}

/// How a provider wants to be told whose profile is wanted.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    Header,
    Query,
    Form,
}

struct Case {
    name: &'static str,
    client: Client,
    token: Token,
    /// What the profile says about user 7.
    profile: fn() -> Value,
    sends: &'static [&'static str],
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { name: "discord", client: Client::InForm, token: Token::Header, profile: || json!({"id": "7", "username": "a"}), sends: &["redirect_uri"] },
    Case { name: "github", client: Client::InForm, token: Token::Header, profile: || json!({"id": 7, "login": "a"}), sends: &[] },
    Case { name: "gitlab", client: Client::InForm, token: Token::Header, profile: || json!({"id": 7, "username": "a"}), sends: &["redirect_uri"] },
    Case { name: "gpgames", client: Client::InForm, token: Token::Header, profile: || json!({"playerId": "7"}), sends: &[] },
    Case { name: "instagram", client: Client::InForm, token: Token::Query, profile: || json!({"id": "7"}), sends: &["redirect_uri"] },
    Case { name: "line", client: Client::InForm, token: Token::Header, profile: || json!({"userId": "7"}), sends: &["redirect_uri"] },
    Case { name: "linkedin", client: Client::InForm, token: Token::Header, profile: || json!({"sub": "7", "name": "a"}), sends: &["redirect_uri"] },
    Case { name: "microsoft", client: Client::InForm, token: Token::Header, profile: || json!({"id": "7"}), sends: &["redirect_uri"] },
    Case { name: "qq", client: Client::InQuery, token: Token::Query, profile: || json!({"client_id": "client", "openid": "7"}), sends: &["redirect_uri"] },
    Case { name: "spotify", client: Client::Public, token: Token::Header, profile: || json!({"id": "7"}), sends: &["redirect_uri", "code_verifier"] },
    Case { name: "twitter", client: Client::InHeader, token: Token::Header, profile: || json!({"data": {"id": "7"}}), sends: &["redirect_uri", "code_verifier"] },
    Case { name: "wechat", client: Client::WeChat, token: Token::Header, profile: || Value::Null, sends: &[] },
    Case { name: "weibo", client: Client::InForm, token: Token::Form, profile: || json!({"uid": 7, "appkey": "client"}), sends: &["redirect_uri"] },
    Case { name: "x", client: Client::InHeader, token: Token::Header, profile: || json!({"data": {"id": "7"}}), sends: &["redirect_uri", "code_verifier"] },
];

/// Whether the app has said who it is, and sent all that the exchange needs.
fn is_proper(case: &Case, call: &Call) -> bool {
    let is = |fields: &BTreeMap<String, String>, name: &str, value: &str| {
        fields.get(name).is_some_and(|sent| sent == value)
    };
    // The Base64 of "client:secret".
    let header = call
        .headers
        .get("authorization")
        .is_some_and(|sent| sent == "Basic Y2xpZW50OnNlY3JldA==");
    let (fields, method) = match case.client {
        Client::InQuery => (&call.query, "GET"),
        Client::WeChat => {
            return call.method == "GET"
                && is(&call.query, "appid", "client")
                && is(&call.query, "secret", "secret");
        }
        _ => (&call.form, "POST"),
    };
    let client = match case.client {
        Client::InHeader => header,
        Client::Public => is(fields, "client_id", "client") && !fields.contains_key("client_secret"),
        _ => is(fields, "client_id", "client") && is(fields, "client_secret", "secret"),
    };
    client
        && call.method == method
        && is(fields, "grant_type", "authorization_code")
        && case
            .sends
            .iter()
            .all(|field| is(fields, field, &format!("the {field}")))
}

async fn configured(case: &'static Case) -> (Provider, App) {
    let provider = Provider::start().await;
    provider.on("/token", move |call| {
        let code = call
            .form
            .get("code")
            .or(call.query.get("code"))
            .map(String::as_str);
        match code {
            Some("good") if is_proper(case, call) => {
                let granted = json!({"access_token": "granted", "openid": "7", "token_type": "bearer"});
                // Instagram answers either way.
                ok(if case.name == "instagram" {
                    json!({ "data": [granted] })
                } else {
                    granted
                })
            }
            // GitHub and WeChat say so with a status of 200.
            _ => ok(json!({"error": "bad_verification_code", "errcode": 40029})),
        }
    });
    provider.on("/profile", move |call| {
        let sent = match case.token {
            Token::Header => call
                .headers
                .get("authorization")
                .and_then(|header| header.strip_prefix("Bearer ")),
            Token::Query => call.query.get("access_token").map(String::as_str),
            Token::Form => call.form.get("access_token").map(String::as_str),
        };
        match sent {
            Some("granted") => ok((case.profile)()),
            _ => reply(401, json!({"message": "Bad credentials"})),
        }
    });
    let options = json!({
        "clientId": "client", "clientSecret": "secret",
        "tokenUrl": format!("{}/token", provider.url), "profileUrl": format!("{}/profile", provider.url),
    });
    let app = app(&provider, json!({case.name: options})).await;
    (provider, app)
}

fn auth(case: &Case, code: &str, further: Value) -> Value {
    let mut data = json!({ "code": code });
    for field in case.sends {
        data[field] = format!("the {field}").into();
    }
    for (name, value) in further.as_object().unwrap() {
        data[name] = value.clone();
    }
    json!({case.name: data})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_signs_up_and_then_in() {
    for case in CASES {
        let (_provider, app) = configured(case).await;
        let first = sign_in(&app, auth(case, "good", json!({}))).await;
        assert_eq!(first.status, 201, "{}: {first:?}", case.name);
        let again = sign_in(&app, auth(case, "good", json!({"id": "7"}))).await;
        assert_eq!(again.status, 200, "{}: {again:?}", case.name);
        assert_eq!(signed_in(&first).0, signed_in(&again).0, "{}", case.name);
        tokens_stay_inside(case, &app, &signed_in(&again)).await;
        refusals(case, &app).await;
    }
}

/// The access token is the server's; not even the user reads it.
async fn tokens_stay_inside(case: &Case, app: &App, (id, as_user): &(String, As)) {
    let expected = json!({case.name: {"id": "7"}});
    for caller in [as_user, &As::Master] {
        let user = app.get(caller, &format!("/users/{id}")).await.ok();
        assert_eq!(user["authData"], expected, "{}", case.name);
    }
    let echoed = json!({"authData": expected, "nick": "a"});
    app.put(as_user, &format!("/users/{id}"), echoed).await.ok();
}

async fn refusals(case: &Case, app: &App) {
    for (what, attempt, refusal) in [
        (
            "another app's or used code",
            auth(case, "bad", json!({})),
            (404, 101),
        ),
        (
            "another user's id",
            auth(case, "good", json!({"id": "8"})),
            (404, 101),
        ),
        (
            "cve_2026_33409 only the id",
            json!({case.name: {"id": "7"}}),
            (400, 142),
        ),
        (
            "cve_2025_30168 a bare token",
            json!({case.name: {"id": "7", "access_token": "granted"}}),
            (400, 142),
        ),
        (
            "an operator",
            json!({case.name: {"code": {"$ne": "bad"}}}),
            (400, 142),
        ),
        (
            "an id that is an operator",
            auth(case, "good", json!({"id": {"$regex": "7"}})),
            (400, 162),
        ),
        ("nothing", json!({case.name: {}}), (400, 142)),
    ] {
        let answer = sign_in(app, attempt).await;
        assert_eq!(answer.refusal(), refusal, "{} {what}: {answer:?}", case.name);
    }
    for field in case.sends {
        let mut attempt = auth(case, "good", json!({}));
        attempt[case.name].as_object_mut().unwrap().remove(*field);
        let answer = sign_in(app, attempt).await;
        assert_eq!(answer.refusal(), (400, 142), "{} without {field}", case.name);
        assert_eq!(
            answer.body["error"],
            format!("{} {field} is required.", case.name)
        );
    }
}
