//! ID tokens: `apple`, `google`, and any issuer of OpenID Connect.

use app_runtime::settings::{MfaAlgorithm, MfaSettings};
use app_runtime::users::mfa::totp;
use serde_json::{Value, json};

use super::keys::{EC, NEXT_RSA, RSA, key_set, seconds_from_now};
use super::provider::Provider;
use super::{app, sign_in, signed_in, users};
use crate::support::App;

/// The defaults of one-time passwords.
const MFA: MfaSettings = MfaSettings {
    digits: 6,
    period: 30,
    algorithm: MfaAlgorithm::Sha1,
};

/// A provider with Google's shape of tokens, and an app that uses it.
pub async fn google() -> (Provider, App) {
    let provider = Provider::start().await;
    provider.json("/keys", key_set(&[&RSA]));
    let options =
        json!({"clientId": "client", "issuer": provider.url, "jwksUri": format!("{}/keys", provider.url)});
    let app = app(&provider, json!({ "google": options })).await;
    (provider, app)
}

pub fn claims(provider: &Provider, subject: &str) -> Value {
    json!({"iss": provider.url, "aud": "client", "sub": subject, "exp": seconds_from_now(600), "iat": seconds_from_now(-5)})
}

pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

pub fn auth(id: &str, token: String) -> Value {
    json!({"google": {"id": id, "id_token": token}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_signs_up_and_then_in() {
    let (provider, app) = google().await;
    let first = sign_in(&app, auth("anna", RSA.sign(&claims(&provider, "anna")))).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.body["authDataResponse"], json!({}));
    let later = RSA.sign(&with(
        claims(&provider, "anna"),
        "iat",
        json!(seconds_from_now(-1)),
    ));
    let again = sign_in(&app, auth("anna", later.clone())).await;
    assert_eq!(again.status, 200, "{again:?}");
    let ((id, _), (same, as_anna)) = (signed_in(&first), signed_in(&again));
    assert_eq!(id, same);
    let me = app.get(&as_anna, "/users/me").await.ok();
    assert_eq!(me["authData"], auth("anna", later), "the newest token is kept");
    assert_eq!(provider.calls("/keys").len(), 1, "keys are remembered");
    let session = app.get(&as_anna, "/sessions/me").await.ok();
    assert_eq!(
        session["createdWith"],
        json!({"action": "login", "authProvider": "google"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_27804_a_token_that_proves_nothing_is_refused() {
    let (provider, app) = google().await;
    let good = claims(&provider, "anna");
    let tampered = {
        let (good, other) = (RSA.sign(&good), RSA.sign(&claims(&provider, "bert")));
        let (message, _) = good.rsplit_once('.').unwrap();
        format!("{message}.{}", other.rsplit_once('.').unwrap().1)
    };
    for (what, token) in [
        (
            "expired",
            RSA.sign(&with(good.clone(), "exp", json!(seconds_from_now(-60)))),
        ),
        ("never expires", RSA.sign(&with(good.clone(), "exp", Value::Null))),
        (
            "not valid yet",
            RSA.sign(&with(good.clone(), "nbf", json!(seconds_from_now(300)))),
        ),
        (
            "of another issuer",
            RSA.sign(&with(good.clone(), "iss", json!("https://evil.example"))),
        ),
        (
            "cve_2025_30168 for another app",
            RSA.sign(&with(good.clone(), "aud", json!("other"))),
        ),
        (
            "cve_2026_30863 for nobody",
            RSA.sign(&with(good.clone(), "aud", Value::Null)),
        ),
        (
            "another user's",
            RSA.sign(&with(good.clone(), "sub", json!("bert"))),
        ),
        ("cve_2026_27804 alg none", RSA.unsigned(&good)),
        (
            "cve_2026_27804 alg none, signed",
            RSA.sign_as(&json!({"alg": "none", "kid": "first"}), &good),
        ),
        (
            "alg None",
            RSA.sign_as(&json!({"alg": "None", "kid": "first"}), &good),
        ),
        ("HS256 with the public key", RSA.confuse(&good)),
        (
            "of another algorithm than the key's",
            RSA.sign_as(&json!({"alg": "RS384", "kid": "first"}), &good),
        ),
        (
            "ES256 with an RSA key's id",
            EC.sign_as(&json!({"alg": "ES256", "kid": "first"}), &good),
        ),
        (
            "signed by an unknown key of the same id",
            NEXT_RSA.sign_as(&json!({"alg": "RS256", "kid": "first"}), &good),
        ),
        (
            "of a key it brings along",
            RSA.sign_as(
                &json!({"alg": "RS256", "kid": "x", "jwk": NEXT_RSA.public()}),
                &good,
            ),
        ),
        ("with another's signature", tampered),
        ("no token", "nonsense".to_owned()),
        ("empty", String::new()),
    ] {
        let answer = sign_in(&app, auth("anna", token)).await;
        assert_eq!(answer.refusal(), (404, 101), "{what}: {answer:?}");
        assert_eq!(
            answer.body["error"], "google auth is invalid for this user.",
            "{what}"
        );
    }
    assert_eq!(users(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_33409_and_32248_partial_auth_data_never_signs_in() {
    let (provider, app) = google().await;
    sign_in(&app, auth("anna", RSA.sign(&claims(&provider, "anna"))))
        .await
        .ok();
    let token = RSA.sign(&claims(&provider, "anna"));
    for partial in [
        json!({"id": "anna"}),
        json!({"id": "anna", "id_token": null}),
        json!({"id": "anna", "id_token": {"$ne": 1}}),
        json!({"id": "anna", "access_token": token}),
        json!({ "id_token": token }),
    ] {
        let answer = sign_in(&app, json!({ "google": partial })).await;
        assert_eq!(answer.refusal(), (404, 101), "{answer:?}");
    }
    let operator = sign_in(
        &app,
        json!({"google": {"id": {"$regex": "^a"}, "id_token": token}}),
    )
    .await;
    assert_eq!(operator.refusal(), (400, 162), "cve_2026_32248");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_id_makes_the_keys_fetched_once_more() {
    let (provider, app) = google().await;
    sign_in(&app, auth("anna", RSA.sign(&claims(&provider, "anna"))))
        .await
        .ok();
    let unknown = RSA.sign_as(
        &json!({"alg": "RS256", "kid": "unheard"}),
        &claims(&provider, "anna"),
    );
    assert_eq!(
        sign_in(&app, auth("anna", unknown.clone())).await.refusal(),
        (404, 101)
    );
    assert_eq!(provider.calls("/keys").len(), 2);
    for _ in 0..40 {
        sign_in(&app, auth("anna", unknown.clone())).await;
    }
    let fetched = provider.calls("/keys").len();
    assert!(fetched <= 21, "invented ids are no stream of calls: {fetched}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_may_be_rotated() {
    let (provider, app) = google().await;
    sign_in(&app, auth("anna", RSA.sign(&claims(&provider, "anna"))))
        .await
        .ok();
    provider.json("/keys", key_set(&[&NEXT_RSA]));
    let new = sign_in(&app, auth("anna", NEXT_RSA.sign(&claims(&provider, "anna")))).await;
    assert_eq!(new.status, 200, "{new:?}");
    let old = sign_in(&app, auth("anna", RSA.sign(&claims(&provider, "anna")))).await;
    assert_eq!(old.refusal(), (404, 101), "the key is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_nonce_counts_once() {
    let (provider, app) = google().await;
    let token = RSA.sign(&with(claims(&provider, "anna"), "nonce", json!("n-1")));
    let shown = |nonce: &str| json!({"google": {"id": "anna", "id_token": token, "nonce": nonce}});
    assert_eq!(
        sign_in(&app, shown("n-2")).await.refusal(),
        (404, 101),
        "another nonce"
    );
    assert_eq!(sign_in(&app, shown("n-1")).await.status, 201);
    assert_eq!(
        sign_in(&app, shown("n-1")).await.refusal(),
        (404, 101),
        "replayed"
    );
    assert_eq!(
        sign_in(&app, auth("anna", token)).await.refusal(),
        (404, 101),
        "replayed without the nonce"
    );
    let at_once: Vec<_> = {
        let token = RSA.sign(&with(claims(&provider, "anna"), "nonce", json!("n-3")));
        (0..8)
            .map(|_| sign_in(&app, auth("anna", token.clone())))
            .collect()
    };
    let answers = futures_util::future::join_all(at_once).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_can_be_demanded() {
    let provider = Provider::start().await;
    provider.json("/auth/keys", key_set(&[&RSA]));
    let options = json!({"clientId": "client", "issuer": provider.url, "requireNonce": true});
    let app = app(&provider, json!({ "apple": options })).await;
    // The SHA-256 of "abc", as Apple's SDK puts it into the token.
    let hashed = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let token = RSA.sign(&with(claims(&provider, "anna"), "nonce", json!(hashed)));
    let without = RSA.sign(&claims(&provider, "anna"));
    for refused in [
        json!({"id": "anna", "token": without}),
        json!({"id": "anna", "token": without, "nonce": "abc"}),
        json!({"id": "anna", "token": token}),
        json!({"id": "anna", "token": token, "nonce": {"$ne": 1}}),
    ] {
        assert_eq!(
            sign_in(&app, json!({ "apple": refused })).await.refusal(),
            (404, 101),
            "{refused}"
        );
    }
    let shown = sign_in(
        &app,
        json!({"apple": {"id": "anna", "token": token, "nonce": "abc"}}),
    )
    .await;
    assert_eq!(shown.status, 201, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_issuer_is_found_by_its_own_configuration() {
    let provider = Provider::start().await;
    let configuration = json!({"issuer": provider.url, "jwks_uri": format!("{}/certs", provider.url)});
    provider.json(
        "/certs",
        json!({"keys": [{"kty": "unheard", "kid": "odd"}, EC.public(), RSA.public()]}),
    );
    provider.json("/.well-known/openid-configuration", configuration);
    let options = json!({"openid": true, "issuer": provider.url, "clientId": ["client", "client-ios"]});
    let app = app(&provider, json!({ "company": options })).await;
    let token = EC.sign(&with(claims(&provider, "anna"), "aud", json!(["client-ios"])));
    let auth = |id: &str| json!({"company": {"id": id, "id_token": token}});
    assert_eq!(sign_in(&app, auth("bert")).await.refusal(), (404, 101));
    let answer = sign_in(&app, auth("anna")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let shared = with(claims(&provider, "bert"), "aud", json!(["client", "other"]));
    for (azp, status) in [("other", 404), ("client", 201)] {
        let token = RSA.sign(&with(shared.clone(), "azp", json!(azp)));
        let answer = sign_in(&app, json!({"company": {"id": "bert", "id_token": token}})).await;
        assert_eq!(answer.status, status, "cve_2026_30949 {azp}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2025_68150_a_client_names_no_address() {
    let (provider, app) = google().await;
    let evil = Provider::start().await;
    evil.json("/keys", key_set(&[&NEXT_RSA]));
    let url = format!("{}/keys", evil.url);
    let header = json!({"alg": "RS256", "kid": "second", "jku": url, "x5u": url});
    let token = NEXT_RSA.sign_as(&header, &claims(&provider, "anna"));
    let attempt = json!({"google": {"id": "anna", "id_token": token, "apiURL": evil.url, "issuer": evil.url, "jwksUri": url}});
    assert_eq!(sign_in(&app, attempt).await.refusal(), (404, 101));
    assert!(evil.calls("/keys").is_empty());
    let good =
        json!({"google": {"id": "anna", "id_token": RSA.sign(&claims(&provider, "anna")), "admin": true}});
    let (_, as_anna) = signed_in(&sign_in(&app, good).await);
    let stored = &app.get(&as_anna, "/users/me").await.ok()["authData"]["google"];
    assert_eq!(stored.get("admin"), None, "only what was verified is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_second_factor_does_not_use_up_the_token() {
    let provider = Provider::start().await;
    provider.json("/auth/keys", key_set(&[&RSA]));
    let options = json!({"clientId": "client", "issuer": provider.url});
    let app = app(&provider, json!({"apple": options, "mfa": {"options": ["TOTP"]}})).await;
    let proof = |nonce: &str| {
        let token = RSA.sign(&with(claims(&provider, "anna"), "nonce", json!(nonce)));
        json!({"id": "anna", "token": token})
    };
    let (anna, as_anna) = signed_in(&sign_in(&app, json!({"apple": proof("1")})).await);
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let code = |step: i64| {
        let key = totp::decode_base32(secret).unwrap();
        totp::code_at(&MFA, &key, seconds_from_now(0) / 30 + step).unwrap()
    };
    let set_up = json!({"authData": {"mfa": {"secret": secret, "token": code(0)}}});
    app.put(&as_anna, &format!("/users/{anna}"), set_up).await.ok();

    let again = proof("2");
    let without = sign_in(&app, json!({ "apple": again })).await;
    assert_eq!(without.refusal(), (400, -1), "{without:?}");
    let wrong = sign_in(&app, json!({"apple": again, "mfa": {"token": "000000x"}})).await;
    assert_eq!(wrong.refusal(), (400, 141), "{wrong:?}");
    let with_code = json!({"apple": again, "mfa": {"token": code(1)}});
    assert_eq!(sign_in(&app, with_code).await.status, 200);
    let replayed = sign_in(&app, json!({"apple": again, "mfa": {"token": code(1)}})).await;
    assert!(replayed.status >= 400, "{replayed:?}");
}
