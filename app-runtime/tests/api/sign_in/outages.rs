//! Providers that cannot be asked, or answer with something else than their keys.

use std::time::Duration;

use serde_json::{Value, json};

use super::id_tokens::{auth, claims, google};
use super::keys::{NEXT_RSA, RSA, key_set};
use super::provider::{Call, Provider, Reply, reply};
use super::{app, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_cannot_be_asked_is_an_error_of_its_own() {
    let elsewhere = Provider::start().await;
    elsewhere.json("/keys", key_set(&[&RSA]));
    let location = format!("Location: {}/keys\r\n", elsewhere.url);
    type Handler = Box<dyn Fn(&Call) -> Reply + Send + Sync>;
    let answers: [(&str, Handler); 3] = [
        (
            "an error",
            Box::new(|_| reply(500, json!({"secret": "stack trace"}))),
        ),
        (
            "a redirection",
            Box::new(move |_| Reply {
                status: 302,
                headers: location.clone(),
                body: Vec::new(),
            }),
        ),
        (
            "a megabyte of nothing",
            Box::new(|_| Reply {
                status: 200,
                headers: String::new(),
                body: vec![b' '; 1 << 20],
            }),
        ),
    ];
    for (what, answer) in answers {
        let (provider, app) = google().await;
        provider.on("/keys", answer);
        let attempt = auth("anna", RSA.sign(&claims(&provider, "anna")));
        let refused = sign_in(&app, attempt).await;
        assert_eq!(refused.refusal(), (400, 141), "{what}");
        assert!(!refused.body.to_string().contains("trace"), "{refused:?}");
        assert_eq!(provider.calls("/keys").len(), 1, "{what}");
    }
    assert!(
        elsewhere.calls("/keys").is_empty(),
        "redirections are not followed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_failed_is_left_alone_for_some_seconds() {
    let (provider, app) = google().await;
    provider.on("/keys", |_| reply(503, Value::Null));
    let attempt = auth("anna", RSA.sign(&claims(&provider, "anna")));
    assert_eq!(sign_in(&app, attempt.clone()).await.refusal(), (400, 141));
    provider.json("/keys", key_set(&[&RSA]));
    assert_eq!(sign_in(&app, attempt.clone()).await.refusal(), (400, 141));
    assert_eq!(provider.calls("/keys").len(), 1);
    let signs_in = async || sign_in(&app, attempt.clone()).await.status == 201;
    test_kit::wait_until(Duration::from_secs(20), "the provider is asked again", signs_in).await;
    assert_eq!(provider.calls("/keys").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn known_keys_count_while_the_provider_is_away() {
    let provider = Provider::start().await;
    provider.json("/keys", key_set(&[&RSA]));
    // Keys that are too old a moment after they came.
    let options = json!({"clientId": "client", "issuer": provider.url, "jwksUri": format!("{}/keys", provider.url), "cacheMaxAge": 1});
    let app = app(&provider, json!({ "google": options })).await;
    let proof = |key: &super::keys::SigningKey| auth("anna", key.sign(&claims(&provider, "anna")));
    assert_eq!(sign_in(&app, proof(&RSA)).await.status, 201);
    provider.on("/keys", |_| reply(503, Value::Null));
    assert_eq!(sign_in(&app, proof(&RSA)).await.status, 200);
    assert_eq!(provider.calls("/keys").len(), 2, "it was asked first");
    let unknown = sign_in(&app, proof(&NEXT_RSA)).await;
    assert_eq!(unknown.refusal(), (400, 141), "it may be the provider's next one");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_of_another_issuer_is_not_believed() {
    let provider = Provider::start().await;
    provider.json("/certs", key_set(&[&RSA]));
    let configuration =
        json!({"issuer": "https://other.example", "jwks_uri": format!("{}/certs", provider.url)});
    provider.json("/.well-known/openid-configuration", configuration);
    let options = json!({"openid": true, "issuer": provider.url, "clientId": "client"});
    let app = app(&provider, json!({ "company": options })).await;
    let token = RSA.sign(&claims(&provider, "anna"));
    let refused = sign_in(&app, json!({"company": {"id": "anna", "id_token": token}})).await;
    assert_eq!(refused.refusal(), (400, 141), "{refused:?}");
    assert!(provider.calls("/certs").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_is_refused() {
    let (provider, _) = google().await;
    let trusted = Provider::start().await;
    let options =
        json!({"clientId": "client", "issuer": provider.url, "jwksUri": format!("{}/keys", provider.url)});
    let app = app(&trusted, json!({ "google": options })).await;
    let answer = sign_in(&app, auth("anna", RSA.sign(&claims(&provider, "anna")))).await;
    assert_eq!(answer.refusal(), (400, 141));
    assert!(provider.calls("/keys").is_empty());
}
