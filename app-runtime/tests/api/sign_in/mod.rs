//! Social login against providers played by a local HTTPS server: real certificates, real keys, real signatures.

mod codes;
mod facebook;
mod game_center;
mod id_tokens;
mod introspection;
mod keycloak;
mod keys;
mod outages;
mod provider;
mod rules;
mod twitter;

use app_runtime::settings::Settings;
use serde_json::{Value, json};

use crate::support::{self, Answer, App, As};
use provider::Provider;

/// An app with these sign-in providers, which trusts the fake's certificate.
async fn app(provider: &Provider, auth: Value) -> App {
    let options = json!({
        "appId": "app",
        "masterKey": "master",
        "auth": auth,
        "authTrustedCertificates": [provider.certificate],
    });
    let configured = Settings::from_options(options.as_object().unwrap()).unwrap();
    support::app(|settings| {
        settings.auth = configured.auth;
        settings.mfa = configured.mfa;
        settings.auth_trusted_certificates = configured.auth_trusted_certificates;
    })
    .await
}

/// Signs up or in by this `authData`.
async fn sign_in(app: &App, auth_data: Value) -> Answer {
    app.post(&As::Nobody, "/users", json!({ "authData": auth_data }))
        .await
}

/// The user's id and themselves as a caller.
fn signed_in(answer: &Answer) -> (String, As) {
    let text = |field: &str| {
        answer.body[field]
            .as_str()
            .unwrap_or_else(|| panic!("{answer:?}"))
            .to_owned()
    };
    (text("objectId"), As::User(text("sessionToken")))
}

/// The number of users.
async fn users(app: &App) -> i64 {
    app.get(&As::Master, "/users?count=1&limit=0").await.ok()["count"]
        .as_i64()
        .unwrap()
}
