//! Settings in the database that this release would not take.

use control_plane::crypto::Sealer;
use control_plane::store::app_secrets::{self, SecretKind};
use ids::Clock;
use runtime_settings::owner::Secrets;
use serde_json::{Value, json};

use crate::support::Server;

fn path(app: &str) -> String {
    format!("/api/v1/apps/{app}/settings")
}

/// Puts it among the app's settings, as another release might have.
async fn store(server: &Server, settings: Value) {
    sqlx::query("UPDATE apps SET settings = settings || $1")
        .bind(settings)
        .execute(&server.pool)
        .await
        .unwrap();
}

/// By the key of the server's configuration.
fn sealer() -> Sealer {
    Sealer::new(&std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

/// The sealed values of the app's settings by their places.
async fn sealed(server: &Server, app: &str) -> Secrets {
    let id = app.parse().unwrap();
    let sealed = app_secrets::find(&server.pool, id, SecretKind::Settings).await;
    app_secrets::open_settings(&sealer(), id, &sealed.unwrap().unwrap()).unwrap()
}

/// Seals values for the app's settings, as another release might have.
async fn seal(server: &Server, app: &str, secrets: &Secrets) {
    let id = app.parse().unwrap();
    let sealed = app_secrets::seal_settings(&sealer(), id, secrets).unwrap();
    let put = app_secrets::put(
        &server.pool,
        id,
        SecretKind::Settings,
        &sealed,
        server.clock.now(),
    );
    put.await.unwrap();
}

#[tokio::test]
async fn what_is_no_owners_option_any_more_does_not_keep_others_from_being_changed() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let limit = json!({
        "requestPath": "/x", "requestTimeWindow": 1000, "requestCount": 5, "redisUrl": "redis://:hush@cache:6379",
    });
    store(
        &server,
        json!({ "retired": {"deep": 1}, "databaseURI": "mongodb://x", "rateLimit": [limit] }),
    )
    .await;
    let shown = ada.get(&path(&app)).await;
    assert!(!shown.text.contains("hush"), "{}", shown.text);

    let changed = ada.patch(&path(&app), json!({ "sessionLength": 60 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let kept: Value = sqlx::query_scalar("SELECT settings FROM apps")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(
        kept,
        json!({
            "sessionLength": 60,
            "rateLimit": [{"requestPath": "/x", "requestTimeWindow": 1000, "requestCount": 5}],
            "retired": {"deep": 1},
            "databaseURI": "mongodb://x",
        }),
        "another release may have use for the rest"
    );
    let shown = ada.get(&path(&app)).await.text;
    assert!(!shown.contains("mongodb://x"), "{shown}");
    let named = ada.patch(&path(&app), json!({ "retired": null })).await;
    assert_eq!(named.error(), (422, "invalid_input"));
    assert!(named.field("retired").contains("is no option"), "{}", named.text);
}

#[tokio::test]
async fn options_of_a_newer_release_survive_a_change_with_their_secrets() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let mail = json!({ "mail": {"smtpUrl": "smtps://ann:hush@mail.example:465", "from": "a@b.example"} });
    assert_eq!(ada.patch(&path(&app), mail).await.status, 200);
    store(&server, json!({ "newer": {"key": null, "on": true} })).await;
    let mut secrets = sealed(&server, &app).await;
    secrets.insert("/newer/key".to_owned(), "of the newer one".to_owned());
    seal(&server, &app, &secrets).await;

    let changed = ada.patch(&path(&app), json!({ "sessionLength": 60 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let kept: Value = sqlx::query_scalar("SELECT settings->'newer' FROM apps")
        .fetch_one(&server.pool)
        .await
        .unwrap();
    assert_eq!(kept, json!({"key": null, "on": true}));
    assert_eq!(sealed(&server, &app).await, secrets);

    assert_eq!(ada.patch(&path(&app), json!({ "mail": null })).await.status, 200);
    let left = sealed(&server, &app).await;
    assert_eq!(left.keys().collect::<Vec<_>>(), ["/newer/key"]);
}

#[tokio::test]
async fn what_could_be_neither_sealed_nor_masked_is_refused() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let app = ada.create_app("Shop").await;
    let limit = json!({
        "requestPath": "/x", "requestTimeWindow": 1000, "requestCount": 5, "redisUrl": "redis://:hush@cache:6379",
    });
    for (change, option, part) in [
        (json!({ "rateLimit": [limit] }), "rateLimit", "has no effect"),
        (
            json!({ "auth": {"sso": {"clientSecret": {"value": "hush"}}} }),
            "auth",
            "/auth/sso/clientSecret",
        ),
        (
            json!({ "auth": {"sso": {"password": 4711}} }),
            "auth",
            "other than a text",
        ),
    ] {
        let answer = ada.patch(&path(&app), change.clone()).await;
        assert_eq!(answer.error(), (422, "invalid_input"), "{change}");
        assert!(answer.field(option).contains(part), "{change}: {}", answer.text);
    }
    assert!(!ada.get(&path(&app)).await.text.contains("hush"));
}
