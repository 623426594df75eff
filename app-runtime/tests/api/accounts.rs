//! Credentials: verifying passwords, logging in for others, lockout, password rules, renewing sessions.

use std::time::{Duration, Instant};

use app_runtime::settings::{AccountLockout, PasswordPolicy};
use bson::{DateTime, Document, doc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, answer, app, rows, stock};

const LOCKED: &str =
    "Your account is locked due to multiple failed login attempts. Please try again after 5 minute(s)";

async fn log_in(app: &App, name: &str, password: &str) -> Answer {
    let credentials = json!({"username": name, "password": password});
    app.post(&As::Nobody, "/login", credentials).await
}

async fn row(app: &App, class: &str, filter: Document) -> Document {
    rows(app, class).await.find_one(filter).await.unwrap().unwrap()
}

async fn set(app: &App, class: &str, filter: Document, fields: Document) {
    let result = rows(app, class)
        .await
        .update_one(filter, doc! { "$set": fields })
        .await
        .unwrap();
    assert_eq!(result.matched_count, 1);
}

fn error(answer: &Answer) -> &str {
    answer.body["error"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_verified_without_a_session() {
    let app = stock().await;
    let (id, _) = app.user("anna").await;
    let sessions = rows(&app, "_Session").await;
    let before = sessions.count_documents(doc! {}).await.unwrap();
    let by_query = app
        .get(&As::Nobody, "/verifyPassword?username=anna&password=pw")
        .await
        .ok();
    let by_body = app
        .post(
            &As::Nobody,
            "/verifyPassword",
            json!({"username": "anna", "password": "pw"}),
        )
        .await
        .ok();
    assert_eq!((&by_query["objectId"], &by_body), (&json!(id), &by_query));
    assert!(by_query.get("sessionToken").is_none());
    assert_eq!(sessions.count_documents(doc! {}).await.unwrap(), before);
    for (body, refusal) in [
        (json!({"username": "anna", "password": "x"}), (404, 101)),
        (json!({"username": "anna"}), (400, 201)),
        (json!({"password": "pw"}), (400, 200)),
        (json!({"username": {"$ne": ""}, "password": "pw"}), (404, 101)),
    ] {
        assert_eq!(
            app.post(&As::Nobody, "/verifyPassword", body).await.refusal(),
            refusal
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_logs_in_as_anybody() {
    let app = app(|settings| settings.read_only_master_key = Some("look".to_owned().into())).await;
    let (id, own) = app.user("anna").await;
    for who in [As::Nobody, own] {
        assert_eq!(
            app.post(&who, "/loginAs", json!({"userId": id})).await.refusal(),
            (400, 119)
        );
    }
    for (body, refusal) in [
        (json!({}), (400, 162)),
        (json!({"userId": {"$ne": ""}}), (400, 162)),
        (json!({"userId": "nobody"}), (404, 101)),
    ] {
        assert_eq!(app.post(&As::Master, "/loginAs", body).await.refusal(), refusal);
    }
    for request in [json!({"userId": id}), Value::Null] {
        let path = format!("/loginAs?userId={id}");
        let user = app.post(&As::Master, &path, request).await.ok();
        let token = user["sessionToken"].as_str().unwrap();
        let me = app.get(&As::User(token.into()), "/users/me").await.ok();
        assert_eq!(me["objectId"], json!(id));
        let session = row(&app, "_Session", doc! { "_session_token": token }).await;
        let with = session.get_document("createdWith").unwrap();
        assert_eq!(with, &doc! { "action": "login", "authProvider": "masterkey" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30229_the_read_only_master_key_logs_in_as_nobody() {
    let app = app(|settings| settings.read_only_master_key = Some("look".to_owned().into())).await;
    let (id, _) = app.user("anna").await;
    let request = app
        .raw(Method::POST, "/loginAs")
        .header("X-Parse-Application-Id", "app")
        .header("X-Parse-Master-Key", "look")
        .json(&json!({"userId": id}));
    assert_eq!(answer(request).await.refusal(), (400, 119));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_lock_the_account_for_a_while() {
    let app = app(|settings| {
        settings.account_lockout = Some(AccountLockout {
            threshold: 3,
            minutes: 5.0,
            unlock_on_password_reset: false,
        });
    })
    .await;
    let (id, _) = app.user("anna").await;
    for _ in 0..2 {
        assert_eq!(
            error(&log_in(&app, "anna", "x").await),
            "Invalid username/password."
        );
    }
    log_in(&app, "anna", "pw").await.ok();
    assert_eq!(
        row(&app, "_User", doc! { "_id": &id })
            .await
            .get_i32("_failed_login_count")
            .unwrap(),
        0
    );
    for _ in 0..3 {
        assert_eq!(
            error(&log_in(&app, "anna", "x").await),
            "Invalid username/password."
        );
    }
    for password in ["x", "pw"] {
        let answer = log_in(&app, "anna", password).await;
        assert_eq!((answer.refusal(), error(&answer)), ((404, 101), LOCKED));
    }
    let past = doc! { "_account_lockout_expires_at": DateTime::from_millis(0) };
    set(&app, "_User", doc! { "_id": &id }, past).await;
    log_in(&app, "anna", "pw").await.ok();
    assert_eq!(
        error(&log_in(&app, "nobody", "x").await),
        "Invalid username/password."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_same_moment_count_as_many() {
    let app = app(|settings| {
        settings.account_lockout = Some(AccountLockout {
            threshold: 3,
            minutes: 5.0,
            unlock_on_password_reset: false,
        });
    })
    .await;
    let (id, _) = app.user("anna").await;
    let guesses = (0..8).map(|_| log_in(&app, "anna", "x"));
    let answers = futures_util::future::join_all(guesses).await;
    let locked = answers.iter().filter(|answer| error(answer) == LOCKED).count();
    assert_eq!(locked, 5);
    assert_eq!(
        row(&app, "_User", doc! { "_id": &id })
            .await
            .get_i32("_failed_login_count")
            .unwrap(),
        3
    );
}

fn policy(change: impl FnOnce(&mut PasswordPolicy)) -> PasswordPolicy {
    let mut policy = PasswordPolicy::default();
    change(&mut policy);
    policy
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_must_be_as_the_app_wants_them() {
    let app = app(|settings| {
        settings.password_policy = policy(|policy| {
            policy.validator_pattern = Some(fancy_regex::Regex::new("^(?=.*[0-9]).{4,}$").unwrap());
            policy.do_not_allow_username = true;
        });
    })
    .await;
    let sign_up = async |name: &str, password: &str| {
        app.post(
            &As::Nobody,
            "/users",
            json!({"username": name, "password": password}),
        )
        .await
    };
    let weak = sign_up("anna", "abcd").await;
    assert_eq!(weak.refusal(), (400, 142));
    assert_eq!(
        error(&weak),
        "Password does not meet the Password Policy requirements."
    );
    let telling = sign_up("anna", "1anna1").await;
    assert_eq!(
        (telling.refusal(), error(&telling)),
        ((400, 142), "Password cannot contain your username.")
    );
    let user = sign_up("anna", "abc1").await.ok();
    let own = As::User(user["sessionToken"].as_str().unwrap().into());
    let path = format!("/users/{}", user["objectId"].as_str().unwrap());
    for (password, refusal) in [("abcd", (400, 142)), ("1anna1", (400, 142))] {
        assert_eq!(
            app.put(&own, &path, json!({"password": password}))
                .await
                .refusal(),
            refusal
        );
    }
    app.put(&own, &path, json!({"password": "abc2"})).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_passwords_do_not_come_back() {
    let app = app(|settings| {
        settings.password_policy = policy(|policy| {
            policy.max_password_history = 3;
            policy.validation_error = Some("never shown for history".into());
        });
    })
    .await;
    let (id, _) = app.user("anna").await;
    let path = format!("/users/{id}");
    let change = async |password: &str| app.put(&As::Master, &path, json!({"password": password})).await;
    for password in ["two", "three"] {
        change(password).await.ok();
    }
    for password in ["pw", "two", "three"] {
        let answer = change(password).await;
        assert_eq!(answer.refusal(), (400, 142), "{password}");
        assert_eq!(
            error(&answer),
            "New password should not be the same as last 3 passwords."
        );
    }
    change("four").await.ok();
    change("pw").await.ok();
    let stored = row(&app, "_User", doc! { "_id": &id }).await;
    assert_eq!(stored.get_array("_password_history").unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_password_must_be_changed() {
    let app = app(|settings| {
        settings.password_policy =
            policy(|policy| policy.max_password_age = Some(Duration::from_secs(10 * 86_400)));
    })
    .await;
    let (id, _) = app.user("anna").await;
    let changed_at = async || {
        let user = row(&app, "_User", doc! { "_id": &id }).await;
        user.get_datetime("_password_changed_at")
            .unwrap()
            .timestamp_millis()
    };
    let now = changed_at().await;
    let eleven_days_ago = DateTime::from_millis(now - 11 * 86_400_000);
    set(
        &app,
        "_User",
        doc! { "_id": &id },
        doc! { "_password_changed_at": eleven_days_ago },
    )
    .await;
    let answer = log_in(&app, "anna", "pw").await;
    assert_eq!(
        (answer.refusal(), error(&answer)),
        (
            (404, 101),
            "Your password has expired. Please reset your password."
        )
    );
    app.put(&As::Master, &format!("/users/{id}"), json!({"password": "new"}))
        .await
        .ok();
    log_in(&app, "anna", "new").await.ok();
    set(
        &app,
        "_User",
        doc! { "_id": &id },
        doc! { "_password_changed_at": null },
    )
    .await;
    log_in(&app, "anna", "new").await.ok();
    assert!(changed_at().await >= now);
}

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

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_39321_an_unknown_name_takes_as_long_as_a_wrong_password() {
    let app = stock().await;
    app.user("anna").await;
    app.put(&As::Master, "/schemas/_User", json!({})).await;
    let anonymous = json!({"authData": {"anonymous": {"id": "device-1"}}, "username": "device"});
    app.post(&As::Nobody, "/users", anonymous).await.ok();
    let fastest = async |name: &str| {
        let mut times = Vec::new();
        for _ in 0..5 {
            let start = Instant::now();
            assert_eq!(log_in(&app, name, "x").await.refusal(), (404, 101));
            times.push(start.elapsed());
        }
        times.into_iter().min().unwrap()
    };
    let known = fastest("anna").await;
    for name in ["nobody", "device"] {
        let unknown = fastest(name).await;
        assert!(
            unknown > known / 2 && known > unknown / 2,
            "{name}: {unknown:?}, known: {known:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_53725_a_user_who_may_not_be_read_shows_nothing_but_an_id() {
    let app = stock().await;
    let (id, _) = app.user("anna").await;
    app.put(
        &As::Master,
        &format!("/users/{id}"),
        json!({"ACL": {"*": {"write": true}}, "secret": 1}),
    )
    .await
    .ok();
    let verified = app
        .post(
            &As::Nobody,
            "/verifyPassword",
            json!({"username": "anna", "password": "pw"}),
        )
        .await
        .ok();
    assert_eq!(verified, json!({"objectId": id}));
    let user = log_in(&app, "anna", "pw").await.ok();
    assert_eq!(user.as_object().unwrap().len(), 2, "{user}");
    assert!(user["sessionToken"].is_string());
}
