//! What identities do to users: linking, unlinking, signing in, and who may see them.

use serde_json::{Value, json};

use super::provider::{Provider, ok};
use super::{app, sign_in, signed_in, users};
use crate::support::{App, As, encode};

/// Two providers, `left` and `right`, that know the token `token of <id>`.
async fn two_providers() -> (Provider, App) {
    let provider = Provider::start().await;
    provider.on("/introspect", |call| {
        let user = call
            .form
            .get("token")
            .and_then(|token| token.strip_prefix("token of "));
        ok(json!({"active": user.is_some(), "sub": user.map(|user| user.trim_end_matches(" again"))}))
    });
    let options = json!({"oauth2": true, "anyApp": true, "tokenIntrospectionEndpointUrl": format!("{}/introspect", provider.url)});
    let app = app(&provider, json!({"left": options, "right": options})).await;
    (provider, app)
}

fn proof(id: &str) -> Value {
    json!({"id": id, "access_token": format!("token of {id}")})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_linked_updated_and_given_up() {
    let (provider, app) = two_providers().await;
    let (anna, as_anna) = app.user("anna").await;
    let path = format!("/users/{anna}");
    let put = |auth: Value| app.put(&as_anna, &path, json!({ "authData": auth }));
    assert_eq!(
        put(json!({"left": {"id": "a"}})).await.refusal(),
        (404, 101),
        "unproven"
    );
    put(json!({"left": proof("a")})).await.ok();
    let asked = provider.calls("/introspect").len();
    put(json!({"left": {"id": "a"}})).await.ok();
    assert_eq!(
        provider.calls("/introspect").len(),
        asked,
        "sent back as it was read"
    );
    put(json!({"left": {"id": "a", "access_token": "token of a again"}}))
        .await
        .ok();
    let me = app.get(&as_anna, "/users/me").await.ok();
    assert_eq!(me["authData"]["left"]["access_token"], "token of a again");
    let stale = put(json!({"left": {"id": "a", "access_token": "revoked"}})).await;
    assert_eq!(stale.refusal(), (404, 101));

    put(json!({"left": null, "right": proof("r")})).await.ok();
    let me = app.get(&as_anna, "/users/me").await.ok();
    assert_eq!(me["authData"], json!({"right": proof("r")}));
    put(json!({"right": null})).await.ok();
    assert_eq!(app.get(&as_anna, "/users/me").await.ok().get("authData"), None);
    assert_eq!(
        sign_in(&app, json!({"left": proof("a")})).await.status,
        201,
        "it is free again"
    );
    assert_eq!(put(Value::Null).await.refusal(), (400, 252));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_identity_is_not_taken() {
    let (_provider, app) = two_providers().await;
    sign_in(&app, json!({"left": proof("a")})).await.ok();
    let (bert, as_bert) = app.user("bert").await;
    let path = format!("/users/{bert}");
    for (who, method_path) in [(&as_bert, path.as_str()), (&As::Master, path.as_str())] {
        let taken = app
            .put(who, method_path, json!({"authData": {"left": proof("a")}}))
            .await;
        assert_eq!(taken.refusal(), (400, 208));
        let guessed = app
            .put(who, method_path, json!({"authData": {"left": {"id": "a"}}}))
            .await;
        assert_eq!(
            guessed.refusal(),
            (404, 101),
            "who has no proof does not learn that it is taken"
        );
    }
    let as_other = app
        .post(&as_bert, "/users", json!({"authData": {"left": proof("a")}}))
        .await;
    assert_eq!(as_other.refusal(), (400, 208));
    let both = sign_in(&app, json!({"left": proof("a"), "right": proof("r")})).await;
    assert_eq!(
        both.status, 200,
        "a second proven identity is linked at login: {both:?}"
    );
    sign_in(&app, json!({"right": proof("b")})).await.ok();
    let mixed = sign_in(&app, json!({"left": proof("a"), "right": proof("b")})).await;
    assert_eq!(mixed.refusal(), (400, 208), "of two users");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_identities_of_a_request_must_be_proven() {
    let (provider, app) = two_providers().await;
    let half = sign_in(
        &app,
        json!({"right": {"id": "r", "access_token": "x"}, "left": proof("a")}),
    )
    .await;
    assert_eq!((half.refusal(), users(&app).await), ((404, 101), 0));
    let asked: Vec<String> = provider
        .calls("/introspect")
        .iter()
        .map(|call| call.form["token"].clone())
        .collect();
    assert_eq!(asked, ["token of a", "x"], "in alphabetical order");
    let both = sign_in(&app, json!({"right": proof("r"), "left": proof("a")})).await;
    let (_, as_user) = signed_in(&both);
    let session = app.get(&as_user, "/sessions/me").await.ok();
    assert_eq!(
        session["createdWith"],
        json!({"action": "signup", "authProvider": "left,right"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_101042_an_identity_sent_with_a_password_is_verified() {
    let (_provider, app) = two_providers().await;
    let (_, as_anna) = app.user("anna").await;
    let log_in = |auth: Value| {
        let body = json!({"username": "anna", "password": "pw", "authData": auth});
        app.post(&As::Nobody, "/login", body)
    };
    assert_eq!(
        log_in(json!({"left": {"id": "victim"}})).await.refusal(),
        (404, 101)
    );
    assert_eq!(
        log_in(json!({"left": {"id": "victim", "access_token": "token of a"}}))
            .await
            .refusal(),
        (404, 101)
    );
    assert_eq!(
        log_in(json!({"unheard": {"id": "victim"}})).await.refusal(),
        (400, 252)
    );
    assert_eq!(log_in(json!("left")).await.refusal(), (400, 252));
    assert_eq!(app.get(&as_anna, "/users/me").await.ok().get("authData"), None);
    assert_eq!(
        sign_in(&app, json!({"left": proof("victim")})).await.status,
        201,
        "the victim comes later, as themselves"
    );
    assert_eq!(
        log_in(json!({"left": proof("victim")})).await.refusal(),
        (400, 208)
    );
    log_in(json!({"left": proof("a")})).await.ok();
    assert_eq!(
        sign_in(&app, json!({"left": proof("a")})).await.body["username"],
        "anna"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_33538_unknown_providers_are_refused_before_anything_else() {
    let (provider, app) = two_providers().await;
    let many: serde_json::Map<String, Value> = (0..200)
        .map(|number| (format!("p{number}"), json!({"id": "a"})))
        .collect();
    for unknown in [
        json!({"github": {"id": "a", "code": "c"}, "left": proof("a")}),
        json!({"left": proof("a"), "mfa": {"token": "123456"}}),
        json!({"left": proof("a"), "toString": {"id": "a"}}),
        json!({"left": proof("a"), "a.b": null}),
        json!({"left": [proof("a")]}),
        Value::Object(many),
    ] {
        let answer = sign_in(&app, unknown.clone()).await;
        assert_eq!(answer.refusal(), (400, 252), "{unknown}");
    }
    let denied = sign_in(&app, json!({"left": {"id": "a", "__proto__": {"x": 1}}})).await;
    assert_eq!(denied.refusal(), (400, 105));
    assert!(provider.calls("/introspect").is_empty());
    assert_eq!(users(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_33042_empty_auth_data_is_no_way_in() {
    let (_provider, app) = two_providers().await;
    for empty in [json!({}), json!({"left": null}), json!({"anonymous": null})] {
        assert_eq!(
            sign_in(&app, empty.clone()).await.refusal(),
            (400, 200),
            "{empty}"
        );
    }
    assert_eq!(sign_in(&app, json!({"left": {}})).await.refusal(), (404, 101));
    assert_eq!(sign_in(&app, Value::Null).await.refusal(), (400, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sign_ups_of_one_identity_make_one_user() {
    let (_provider, app) = two_providers().await;
    let attempts = (0..8).map(|_| sign_in(&app, json!({"left": proof("a")})));
    let answers = futures_util::future::join_all(attempts).await;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 201 || answer.status == 200),
        "{answers:?}"
    );
    assert_eq!((new, users(&app).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn identities_of_others_are_never_visible() {
    let (_provider, app) = two_providers().await;
    let (anna, as_anna) = signed_in(&sign_in(&app, json!({"left": proof("a")})).await);
    let public = json!({"ACL": {"*": {"read": true}, (anna.as_str()): {"read": true, "write": true}}});
    app.put(&as_anna, &format!("/users/{anna}"), public).await.ok();
    let (_, as_bert) = app.user("bert").await;
    for other in [&As::Nobody, &as_bert] {
        let seen = app.get(other, &format!("/users/{anna}")).await.ok();
        assert_eq!(seen.get("authData"), None);
        for guess in [
            json!({"authData.left.id": "a"}),
            json!({"authData.left.access_token": {"$regex": "^t"}}),
            json!({"$or": [{"username": "x"}, {"authData.left": {"$exists": true}}]}),
        ] {
            let probed = app
                .get(other, &format!("/users?where={}", encode(&guess.to_string())))
                .await;
            assert_eq!(probed.refusal(), (400, 119), "{guess}");
        }
        let by_column = encode(&json!({"_auth_data_left.id": "a"}).to_string());
        let probed = app.get(other, &format!("/users?where={by_column}")).await;
        assert_eq!(probed.refusal(), (400, 105), "{probed:?}");
    }
    let seen = app.get(&as_anna, &format!("/users/{anna}")).await.ok();
    assert_eq!(seen["authData"], json!({"left": proof("a")}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_locked_out_does_not_come_in_by_an_identity() {
    let (_provider, app) = two_providers().await;
    let (anna, _) = signed_in(&sign_in(&app, json!({"left": proof("a")})).await);
    app.put(&As::Master, &format!("/users/{anna}"), json!({"ACL": {}}))
        .await
        .ok();
    assert_eq!(
        sign_in(&app, json!({"left": proof("a")})).await.refusal(),
        (400, 208)
    );
    assert_eq!(users(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_provider_has_its_unique_sparse_index() {
    let (_provider, app) = two_providers().await;
    let indexes = app
        .mongo
        .database()
        .await
        .collection::<bson::Document>("_User")
        .list_indexes()
        .await
        .unwrap();
    let indexes: Vec<_> = futures_util::TryStreamExt::try_collect(indexes).await.unwrap();
    for name in [
        "_auth_data_anonymous_id",
        "_auth_data_left_id",
        "_auth_data_right_id",
    ] {
        let index: &mongodb::IndexModel = indexes
            .iter()
            .find(|index| index.options.as_ref().unwrap().name.as_deref() == Some(name))
            .unwrap_or_else(|| panic!("{name} is missing"));
        let options = index.options.as_ref().unwrap();
        assert_eq!(
            (options.unique, options.sparse),
            (Some(true), Some(true)),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2021_39138_an_anonymous_session_says_so() {
    let (_provider, app) = two_providers().await;
    for action in ["signup", "login"] {
        let (_, as_guest) =
            signed_in(&sign_in(&app, json!({"anonymous": {"id": "device", "admin": true}})).await);
        let session = app.get(&as_guest, "/sessions/me").await.ok();
        assert_eq!(
            session["createdWith"],
            json!({"action": action, "authProvider": "anonymous"})
        );
        let me = app.get(&as_guest, "/users/me").await.ok();
        assert_eq!(me["authData"], json!({"anonymous": {"id": "device"}}));
    }
}
