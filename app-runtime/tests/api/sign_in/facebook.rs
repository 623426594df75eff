//! `facebook`: access tokens asked about at the Graph API, and Limited Login.

use serde_json::{Value, json};

use super::keys::{RSA, key_set, seconds_from_now};
use super::provider::{Call, Provider, Reply, ok, reply};
use super::{app, sign_in, signed_in};
use crate::support::App;

/// A graph in which the token `<app>:<user>` is of that app and user.
fn node(call: &Call, of_user: bool) -> Reply {
    let token = call.query.get("access_token").cloned().unwrap_or_default();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"secret");
    let proof = hex::encode(ring::hmac::sign(&key, token.as_bytes()));
    if call.query.get("appsecret_proof") != Some(&proof) {
        return reply(
            400,
            json!({"error": {"message": "Invalid appsecret_proof", "code": 100}}),
        );
    }
    match token.split_once(':') {
        Some((_, user)) if of_user => ok(json!({ "id": user })),
        Some((app, _)) => ok(json!({ "id": app })),
        None => reply(400, json!({"error": {"code": 190}})),
    }
}

async fn facebook(app_secret: &str) -> (Provider, App) {
    let provider = Provider::start().await;
    provider.on("/app", |call| node(call, false));
    provider.on("/me", |call| node(call, true));
    provider.json("/.well-known/oauth/openid/jwks/", key_set(&[&RSA]));
    let options = json!({"appIds": ["1000", "1001"], "appSecret": app_secret, "graphUrl": provider.url, "issuer": provider.url});
    let app = app(&provider, json!({ "facebook": options })).await;
    (provider, app)
}

fn auth(id: &str, token: &str) -> Value {
    json!({"facebook": {"id": id, "access_token": token, "expiration_date": "2030-01-01T00:00:00.000Z"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_30168_and_2022_39231_only_an_access_token_of_this_app_and_user_signs_in() {
    let (_provider, app) = facebook("secret").await;
    let answer = sign_in(&app, auth("7", "1001:7")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let again = sign_in(&app, auth("7", "1000:7")).await;
    assert_eq!(
        (again.status, &again.body["authData"]),
        (200, &auth("7", "1000:7"))
    );
    for (what, attempt) in [
        ("cve_2025_30168 of another app", auth("7", "9999:7")),
        (
            "cve_2022_39231 of an app whose id is part of ours",
            auth("7", "100:7"),
        ),
        ("of another user", auth("7", "1000:8")),
        ("unknown", auth("7", "nonsense")),
        ("of nobody", auth("", "1000:")),
        ("none", json!({"facebook": {"id": "7"}})),
        (
            "an operator",
            json!({"facebook": {"id": "7", "access_token": {"$ne": 1}}}),
        ),
        (
            "no token, though the id is known",
            json!({"facebook": {"id": "7", "token": null}}),
        ),
    ] {
        let answer = sign_in(&app, attempt).await;
        assert!(
            matches!(answer.refusal(), (404, 101) | (400, 162)),
            "{what}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_signed_with_the_app_secret() {
    let (provider, app) = facebook("wrong").await;
    assert_eq!(sign_in(&app, auth("7", "1000:7")).await.refusal(), (404, 101));
    assert!(provider.calls("/app")[0].query.contains_key("appsecret_proof"));
    assert!(provider.calls("/me").is_empty(), "the app comes first");
}

fn limited(id: &str, token: String) -> Value {
    json!({"facebook": {"id": id, "token": token}})
}

#[tokio::test(flavor = "multi_thread")]
async fn limited_login_is_an_id_token() {
    let (provider, app) = facebook("secret").await;
    let claims = |subject: &str, audience: &str| json!({"iss": provider.url, "aud": audience, "sub": subject, "exp": seconds_from_now(600)});
    let answer = sign_in(&app, limited("7", RSA.sign(&claims("7", "1000")))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    for refused in [
        RSA.sign(&claims("8", "1000")),
        RSA.sign(&claims("7", "9999")),
        RSA.unsigned(&claims("7", "1000")),
    ] {
        assert_eq!(sign_in(&app, limited("7", refused)).await.refusal(), (404, 101));
    }
    assert!(provider.calls("/me").is_empty());
}

/// Decision 0022: SDKs send the `authData` they have again at every log-in; a nonce makes a token good for one.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_a_nonce_signs_the_same_account_in_until_it_ends() {
    let (provider, app) = facebook("secret").await;
    let mut claims = json!({"iss": provider.url, "aud": "1000", "sub": "7", "exp": seconds_from_now(600)});
    let token = RSA.sign(&claims);
    let (first, _) = signed_in(&sign_in(&app, limited("7", token.clone())).await);
    for _ in 0..2 {
        let again = sign_in(&app, limited("7", token.clone())).await;
        assert_eq!((again.status, signed_in(&again).0), (200, first.clone()));
    }
    let other = sign_in(&app, limited("8", token)).await;
    assert_eq!(other.refusal(), (404, 101), "nobody else");
    claims["nonce"] = json!("n-1");
    let token = RSA.sign(&claims);
    assert_eq!(sign_in(&app, limited("7", token.clone())).await.status, 200);
    let replayed = sign_in(&app, limited("7", token)).await;
    assert_eq!(replayed.refusal(), (404, 101), "a nonce is good once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_can_be_demanded_of_limited_login() {
    let provider = Provider::start().await;
    provider.json("/.well-known/oauth/openid/jwks/", key_set(&[&RSA]));
    let options = json!({"appIds": "1000", "issuer": provider.url, "requireNonce": true});
    let app = app(&provider, json!({ "facebook": options })).await;
    let mut claims = json!({"iss": provider.url, "aud": "1000", "sub": "7", "exp": seconds_from_now(600)});
    let without = sign_in(&app, limited("7", RSA.sign(&claims))).await;
    assert_eq!(without.refusal(), (404, 101));
    claims["nonce"] = json!("n-1");
    let mut with = limited("7", RSA.sign(&claims));
    with["facebook"]["nonce"] = json!("n-1");
    assert_eq!(sign_in(&app, with).await.status, 201);
}
