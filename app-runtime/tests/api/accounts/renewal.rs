//! Sessions that are renewed by their use, and tokens of old that become sessions.

use std::time::Duration;

use bson::{DateTime, doc};
use serde_json::{Value, json};

use super::{row, set};
use crate::support::{As, app, stock};

#[tokio::test(flavor = "multi_thread")]
async fn using_a_session_past_half_of_its_life_renews_it() {
    let app = app(|settings| {
        settings.extend_session_on_use = true;
        settings.cache_ttl = Duration::from_millis(1);
    })
    .await;
    let (_, own) = app.user("anna").await;
    let As::User(token) = &own else { unreachable!() };
    let filter = doc! { "_session_token": token };
    let expiry = async || {
        let session = row(&app, "_Session", filter.clone()).await;
        session.get_datetime("expiresAt").unwrap().timestamp_millis()
    };
    let first = expiry().await;
    app.get(&own, "/users/me").await.ok();
    assert_eq!(expiry().await, first);
    let soon = DateTime::from_millis(first - 200 * 86_400_000);
    set(&app, "_Session", filter.clone(), doc! { "expiresAt": soon }).await;
    let renewed = async || {
        app.get(&own, "/users/me").await.ok();
        expiry().await >= first
    };
    test_kit::wait_until(Duration::from_secs(10), "the session is renewed", renewed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_old_is_upgraded_to_a_session() {
    let app = stock().await;
    let (id, own) = app.user("anna").await;
    set(
        &app,
        "_User",
        doc! { "_id": &id },
        doc! { "_session_token": "legacytoken" },
    )
    .await;
    let legacy = As::User("legacytoken".into());
    assert_eq!(app.get(&legacy, "/users/me").await.refusal(), (400, 209));
    let session = app
        .post(&legacy, "/upgradeToRevocableSession", Value::Null)
        .await
        .ok();
    assert_eq!(session["createdWith"], json!({"action": "upgrade"}));
    assert_eq!(session["user"]["objectId"], json!(id));
    let token = session["sessionToken"].as_str().unwrap();
    assert!(token.starts_with("r:"));
    app.get(&As::User(token.into()), "/users/me").await.ok();
    for (who, refusal) in [(&legacy, (400, 209)), (&As::Nobody, (404, 101))] {
        let answer = app.post(who, "/upgradeToRevocableSession", Value::Null).await;
        assert_eq!(answer.refusal(), refusal, "{who:?}");
    }
    app.post(&own, "/upgradeToRevocableSession", Value::Null)
        .await
        .ok();
}
