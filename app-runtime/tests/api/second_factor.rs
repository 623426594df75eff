//! One-time passwords as a second factor, and the challenge route.

use app_runtime::settings::{AccountLockout, MfaAlgorithm, MfaSettings};
use app_runtime::users::mfa::totp;
use bson::doc;
use ids::Clock;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, app, rows, stock};

const SETTINGS: MfaSettings = MfaSettings {
    digits: 6,
    period: 30,
    algorithm: MfaAlgorithm::Sha1,
};
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER_SECRET: &str = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";

/// The code some steps from now.
fn code_of(secret: &str, steps: i64) -> String {
    let now = ids::SystemClock.now().timestamp() / 30;
    totp::code_at(&SETTINGS, &totp::decode_base32(secret).unwrap(), now + steps).unwrap()
}

fn code(steps: i64) -> String {
    code_of(SECRET, steps)
}

async fn with_factor() -> App {
    app(|settings| {
        settings.mfa = Some(SETTINGS);
        settings.account_lockout = Some(AccountLockout {
            threshold: 5,
            minutes: 5.0,
            unlock_on_password_reset: false,
        });
    })
    .await
}

/// A user with a second factor: id, caller, recovery codes.
async fn guarded(app: &App, name: &str) -> (String, As, Vec<String>) {
    let (id, own) = app.user(name).await;
    let set_up = json!({"authData": {"mfa": {"secret": SECRET, "token": code(0)}}});
    let answer = app.put(&own, &format!("/users/{id}"), set_up).await.ok();
    let codes = answer["authDataResponse"]["mfa"]["recovery"].as_str().unwrap();
    (id, own, codes.split(", ").map(str::to_owned).collect())
}

async fn log_in(app: &App, token: &str) -> Answer {
    let credentials = json!({"username": "anna", "password": "pw", "authData": {"mfa": {"token": token}}});
    app.post(&As::Nobody, "/login", credentials).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_at_login() {
    let app = with_factor().await;
    let (_, _, recovery) = guarded(&app, "anna").await;
    assert_eq!((recovery.len(), recovery[0].len()), (2, 30));
    let without = app
        .post(
            &As::Nobody,
            "/login",
            json!({"username": "anna", "password": "pw"}),
        )
        .await;
    assert_eq!(
        (without.refusal(), &without.body["error"]),
        ((400, -1), &json!("Missing additional authData mfa"))
    );
    for wrong in ["000000x", "", "1"] {
        let answer = log_in(&app, wrong).await;
        assert_eq!(
            (answer.refusal(), &answer.body["error"]),
            ((400, 141), &json!("Invalid MFA token"))
        );
    }
    let user = log_in(&app, &code(0)).await.ok();
    assert!(user["sessionToken"].is_string());
    assert_eq!(user["authData"]["mfa"], json!({"status": "enabled"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_up_needs_a_secret_and_a_code_of_it() {
    let app = with_factor().await;
    let (id, own) = app.user("anna").await;
    for entry in [
        json!({}),
        json!({"secret": SECRET}),
        json!({"secret": "short", "token": code(0)}),
        json!({"secret": SECRET, "token": "000000x"}),
        json!({"secret": 5, "token": 6}),
        json!({"secret": "not base 32 at all, is it?", "token": "1"}),
    ] {
        let body = json!({"authData": {"mfa": entry}});
        assert_eq!(
            app.put(&own, &format!("/users/{id}"), body.clone())
                .await
                .refusal(),
            (400, 141),
            "{body}"
        );
    }
    let off = stock().await;
    let (id, own) = off.user("anna").await;
    let body = json!({"authData": {"mfa": {"secret": SECRET, "token": code(0)}}});
    assert_eq!(
        off.put(&own, &format!("/users/{id}"), body).await.refusal(),
        (400, 252)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_can_come_with_the_sign_up() {
    let app = with_factor().await;
    let body = json!({"username": "anna", "password": "pw", "authData": {"mfa": {"secret": SECRET, "token": code(0)}}});
    let user = app.post(&As::Nobody, "/users", body).await.ok();
    assert!(user["authDataResponse"]["mfa"]["recovery"].is_string(), "{user}");
    log_in(&app, &code(0)).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_second_factor_needs_the_old_one() {
    let app = with_factor().await;
    let (id, own, recovery) = guarded(&app, "anna").await;
    let change = async |entry: Value| {
        app.put(&own, &format!("/users/{id}"), json!({"authData": {"mfa": entry}}))
            .await
    };
    let new = code_of(OTHER_SECRET, 0);
    for old in [json!(null), json!("000000x"), json!({"$ne": ""})] {
        let entry = json!({"secret": OTHER_SECRET, "token": new, "old": old});
        assert_eq!(change(entry).await.refusal(), (400, 141));
    }
    change(json!({"secret": OTHER_SECRET, "token": new, "old": recovery[0]}))
        .await
        .ok();
    assert_eq!(log_in(&app, &code(0)).await.refusal(), (400, 141));
    log_in(&app, &new).await.ok();
    change(Value::Null).await.ok();
    app.post(
        &As::Nobody,
        "/login",
        json!({"username": "anna", "password": "pw"}),
    )
    .await
    .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_31875_a_recovery_code_works_once() {
    let app = with_factor().await;
    let (_, _, recovery) = guarded(&app, "anna").await;
    log_in(&app, &recovery[0]).await.ok();
    assert_eq!(log_in(&app, &recovery[0]).await.refusal(), (400, 141));
    log_in(&app, &recovery[1]).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_33624_and_34224_a_recovery_code_works_once_at_the_same_moment() {
    let app = with_factor().await;
    let (_, _, recovery) = guarded(&app, "anna").await;
    let answers = futures_util::future::join_all((0..4).map(|_| log_in(&app, &recovery[0]))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1,
        "{answers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_43930_a_one_time_password_works_once() {
    let app = with_factor().await;
    guarded(&app, "anna").await;
    let token = code(0);
    let answers = futures_util::future::join_all((0..4).map(|_| log_in(&app, &token))).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1,
        "{answers:?}"
    );
    assert_eq!(log_in(&app, &token).await.refusal(), (400, 141));
    log_in(&app, &code(1)).await.ok();
    // One from before the last one that was used has had its time.
    assert_eq!(log_in(&app, &code(0)).await.refusal(), (400, 141));
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_33627_and_34215_secrets_are_shown_to_nobody() {
    let app = with_factor().await;
    let (id, own, recovery) = guarded(&app, "anna").await;
    let password = json!({"username": "anna", "password": "pw"});
    let answers = [
        app.get(&own, "/users/me").await,
        app.get(&own, &format!("/users/{id}")).await,
        app.get(&own, "/users").await,
        app.get(&own, "/sessions?include=user").await,
        app.post(&As::Nobody, "/verifyPassword", password).await,
        log_in(&app, &code(0)).await,
        app.post(&As::Master, "/loginAs", json!({"userId": id})).await,
    ];
    for answer in answers {
        let text = answer.clone().ok().to_string();
        for secret in [SECRET, &recovery[0], &recovery[1], "lastStep"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    for path in ["authData.mfa.secret", "_auth_data_mfa.secret"] {
        let clause = crate::support::encode(&json!({path: {"$regex": "^G"}}).to_string());
        let found = app.get(&own, &format!("/users?where={clause}")).await;
        let is_empty = found.body["results"] == json!([]);
        assert!(found.status >= 400 || is_empty, "{path}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_locks_the_account() {
    let app = with_factor().await;
    guarded(&app, "anna").await;
    for _ in 0..5 {
        assert_eq!(log_in(&app, "000000x").await.refusal(), (400, 141));
        // The right password in between is no fresh start.
        let password = json!({"username": "anna", "password": "pw"});
        app.post(&As::Nobody, "/verifyPassword", password).await;
    }
    let answer = log_in(&app, &code(0)).await;
    assert_eq!(answer.refusal(), (404, 101), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_elsewhere_does_not_stand_in_for_the_second_factor() {
    let app = with_factor().await;
    let device = json!({"anonymous": {"id": "device-1"}});
    let user = app
        .post(&As::Nobody, "/users", json!({"authData": device}))
        .await
        .ok();
    let own = As::User(user["sessionToken"].as_str().unwrap().into());
    let path = format!("/users/{}", user["objectId"].as_str().unwrap());
    let set_up = json!({"authData": {"mfa": {"secret": SECRET, "token": code(0)}}});
    app.put(&own, &path, set_up).await.ok();
    let again = app.post(&As::Nobody, "/users", json!({"authData": device})).await;
    assert_eq!(again.refusal(), (400, -1), "{again:?}");
    let both = json!({"authData": {"anonymous": {"id": "device-1"}, "mfa": {"token": code(0)}}});
    let known = app.post(&As::Nobody, "/users", both).await;
    assert_eq!(known.status, 200, "{known:?}");
    let stored = rows(&app, "_User").await;
    let stored = stored
        .find_one(doc! { "_auth_data_mfa.secret": SECRET })
        .await
        .unwrap()
        .unwrap();
    assert!(
        stored
            .get_document("_auth_data_mfa")
            .unwrap()
            .contains_key("lastStep")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_says_nothing_without_the_right_credentials() {
    let app = with_factor().await;
    app.user("anna").await;
    let challenge = async |body: Value| app.post(&As::Nobody, "/challenge", body).await;
    for (body, refusal) in [
        (json!({}), (400, -1)),
        (json!({"challengeData": "x"}), (400, -1)),
        (
            json!({"challengeData": {"mfa": {}}, "username": "anna"}),
            (400, -1),
        ),
        (
            json!({"challengeData": {"mfa": {}}, "username": "anna", "password": "x"}),
            (404, 101),
        ),
        (json!({"challengeData": {"mfa": {}}, "authData": "x"}), (400, -1)),
        (
            json!({"challengeData": {"mfa": {}}, "authData": {"anonymous": "x"}}),
            (400, -1),
        ),
        (
            json!({"challengeData": {}, "authData": {"anonymous": {"id": "x"}}, "username": "anna", "password": "pw"}),
            (400, -1),
        ),
        (
            json!({"challengeData": {}, "authData": {"anonymous": {"id": "x"}, "other": {"id": "y"}}}),
            (400, -1),
        ),
        (
            json!({"challengeData": {}, "authData": {"anonymous": {"id": "nobody"}}}),
            (404, 101),
        ),
        (
            json!({"challengeData": {}, "authData": {"anonymous": {"id": {"$ne": ""}}}}),
            (404, 101),
        ),
    ] {
        let answer = challenge(body.clone()).await;
        assert_eq!(answer.refusal(), refusal, "{body}");
    }
    let right = json!({"challengeData": {"mfa": {}}, "username": "anna", "password": "pw"});
    assert_eq!(challenge(right).await.ok(), json!({"challengeData": {}}));
}
