//! `keycloak`: signed access tokens of a realm.

use serde_json::{Value, json};

use super::keys::{RSA, key_set, seconds_from_now};
use super::provider::Provider;
use super::{app, sign_in, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30949_only_a_token_of_the_realm_for_this_client_signs_in() {
    let provider = Provider::start().await;
    provider.json("/realms/main/protocol/openid-connect/certs", key_set(&[&RSA]));
    let config = json!({"auth-server-url": provider.url, "realm": "main", "client-id": "app"});
    let app = app(&provider, json!({"keycloak": {"config": config}})).await;
    let claims = json!({
        "iss": format!("{}/realms/main", provider.url), "azp": "app", "aud": "account", "sub": "anna",
        "exp": seconds_from_now(600), "roles": ["reader", "writer"], "groups": ["staff"],
    });
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        RSA.sign(&claims)
    };
    let auth = |token: &str, roles: Value| json!({"keycloak": {"id": "anna", "access_token": token, "roles": roles, "groups": ["staff"]}});
    let roles = json!(["writer", "reader"]);
    let good = RSA.sign(&claims);
    let answer = sign_in(&app, auth(&good, roles.clone())).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let (_, as_anna) = signed_in(&answer);
    let stored = &app.get(&as_anna, "/users/me").await.ok()["authData"]["keycloak"];
    assert_eq!(stored["roles"], json!(["reader", "writer"]));

    for (what, attempt) in [
        (
            "cve_2026_30949 another client's",
            auth(&with("azp", json!("other")), roles.clone()),
        ),
        ("no client's", auth(&with("azp", Value::Null), roles.clone())),
        (
            "of another realm",
            auth(
                &with("iss", json!(format!("{}/realms/other", provider.url))),
                roles.clone(),
            ),
        ),
        (
            "expired",
            auth(&with("exp", json!(seconds_from_now(-60))), roles.clone()),
        ),
        ("another user's", auth(&with("sub", json!("bert")), roles.clone())),
        (
            "with more roles than it has",
            auth(&good, json!(["reader", "writer", "admin"])),
        ),
        (
            "with roles that it does not say",
            auth(&with("roles", Value::Null), roles),
        ),
        (
            "unsigned",
            auth(&RSA.unsigned(&claims), json!(["reader", "writer"])),
        ),
    ] {
        assert_eq!(sign_in(&app, attempt).await.refusal(), (404, 101), "{what}");
    }
}
