//! The app's rules for passwords: what they are made of, which come back, and how old they get.

use std::time::Duration;

use app_runtime::settings::PasswordPolicy;
use bson::{DateTime, doc};
use serde_json::json;

use super::{error, log_in, row, set};
use crate::support::{As, app};

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
