//! Users, sessions, and mails to them.

use app_runtime::settings::{MfaAlgorithm, MfaSettings};
use app_runtime::users::mfa::totp;
use ids::Clock;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{read, with};
use crate::mail::{request, sign_up};
use crate::smtp::{address, mailing, mails_to, token_in_mail};
use crate::support::{As, app};

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_in_lower_case_where_the_app_says_so() {
    for (option, field) in [
        ("convertUsernameToLowercase", "username"),
        ("convertEmailToLowercase", "email"),
    ] {
        for (converts, expected) in [(true, "ann@example.org"), (false, "Ann@Example.org")] {
            let app = with(json!({ option: converts })).await;
            let mut body = json!({"username": "somebody", "password": "pw"});
            body[field] = "Ann@Example.org".into();
            app.post(&As::Nobody, "/users", body).await.ok();
            let found = app.get(&As::Master, "/users").await.ok();
            assert_eq!(found["results"][0][field], expected, "{option}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_private_unless_the_app_says_otherwise() {
    for (private, seen) in [(true, 0), (false, 1)] {
        let app = with(json!({"enforcePrivateUsers": private})).await;
        app.user("anna").await;
        assert_eq!(app.find(&As::Nobody, "_User", json!({})).await.len(), seen);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_users_come_in_where_the_app_lets_them() {
    for (enabled, status) in [(true, 201), (false, 400)] {
        let app = with(json!({"enableAnonymousUsers": enabled})).await;
        let body = json!({"authData": {"anonymous": {"id": "00000000-0000-4000-8000-000000000000"}}});
        assert_eq!(app.post(&As::Nobody, "/users", body).await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_last_as_long_as_the_app_says_or_for_ever() {
    let session = async |options: Value| {
        let app = with(options).await;
        let (_, anna) = app.user("anna").await;
        app.get(&anna, "/sessions/me").await.ok()
    };
    let moment = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
    let short = session(json!({"sessionLength": 100})).await;
    let lasts = moment(&short["expiresAt"]["iso"]) - moment(&short["createdAt"]);
    assert!((99..=101).contains(&lasts.num_seconds()), "{short}");
    let endless = session(json!({"sessionLength": 100, "expireInactiveSessions": false})).await;
    assert_eq!(endless.get("expiresAt"), None, "{endless}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_explains_its_passwords_in_its_own_words() {
    let policy = json!({"validatorPattern": "^x", "validationError": "Begin with x."});
    let app = with(json!({ "passwordPolicy": policy })).await;
    let refused = app
        .post(
            &As::Nobody,
            "/users",
            json!({"username": "anna", "password": "pw"}),
        )
        .await;
    assert_eq!(
        (refused.refusal(), &refused.body["error"]),
        ((400, 142), &json!("Begin with x."))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_proves_an_address_is_sent_unless_the_app_says_otherwise() {
    for (sends, mails) in [(true, 2), (false, 1)] {
        let app = app(|settings| {
            mailing(settings);
            let options = read(
                "mongodb://127.0.0.1/x",
                json!({"sendUserEmailVerification": sends}),
            );
            settings.email_verification = options.email_verification;
            settings.email_verification.required = true;
        })
        .await;
        let email = address("anna");
        let body = json!({"username": "anna", "password": "pw", "email": email});
        app.post(&As::Nobody, "/users", body).await.ok();
        // Mails go out in turn: when this one is there, the other one was sent or never will be.
        let reset = json!({ "email": email });
        app.post(&As::Nobody, "/requestPasswordReset", reset).await.ok();
        token_in_mail(&email, mails).await;
        assert_eq!(mails_to(&email).len(), mails);
        let found = app.get(&As::Master, "/users").await.ok();
        assert_eq!(found["results"][0]["emailVerified"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_names_whom_to_answer() {
    let app = app(|settings| {
        mailing(settings);
        let server = settings.mail.as_ref().unwrap().smtp_url.expose_secret();
        let mail = json!({"smtpUrl": server, "from": "Notes <notes@example.org>", "replyTo": "Help <help@example.org>"});
        settings.mail = read("mongodb://127.0.0.1/x", json!({ "mail": mail })).mail;
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    token_in_mail(&email, 1).await;
    let mail = mails_to(&email).swap_remove(0);
    assert!(mail.contains("Reply-To: Help <help@example.org>"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_passwords_are_as_the_settings_say() {
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let settings =
        json!({"enabled": true, "options": ["TOTP"], "digits": 8, "period": 90, "algorithm": "SHA256"});
    let app = with(json!({"auth": { "mfa": settings }})).await;
    let spelled = MfaSettings {
        digits: 8,
        period: 90,
        algorithm: MfaAlgorithm::Sha256,
    };
    let others = [
        MfaSettings { digits: 6, ..spelled },
        MfaSettings {
            period: 30,
            ..spelled
        },
        MfaSettings {
            algorithm: MfaAlgorithm::Sha512,
            ..spelled
        },
    ];
    let (id, anna) = app.user("anna").await;
    for (kind, status) in others.map(|kind| (kind, 400)).into_iter().chain([(spelled, 200)]) {
        let step = ids::SystemClock.now().timestamp() / i64::try_from(kind.period).unwrap();
        let code = totp::code_at(&kind, &totp::decode_base32(secret).unwrap(), step).unwrap();
        let body = json!({"authData": {"mfa": {"secret": secret, "token": code}}});
        let set = app.put(&anna, &format!("/users/{id}"), body).await;
        assert_eq!(set.status, status, "{kind:?} {set:?}");
    }
    let off = json!({"auth": {"mfa": {"enabled": false, "options": ["TOTP"]}}});
    assert!(read("mongodb://127.0.0.1/x", off).mfa.is_none());
}

#[test]
fn a_provider_that_is_switched_off_is_none() {
    let client = json!({"clientId": "a", "clientSecret": "b", "appIds": "c", "appSecret": "d"});
    for name in [
        "apple",
        "google",
        "facebook",
        "github",
        "gitlab",
        "microsoft",
        "linkedin",
        "discord",
        "x",
        "spotify",
        "line",
        "wechat",
    ] {
        for enabled in [true, false] {
            let wanted: &[&str] = match name {
                "apple" | "google" => &["clientId"],
                "facebook" => &["appIds", "appSecret"],
                _ => &["clientId", "clientSecret"],
            };
            let mut provider = json!({ "enabled": enabled });
            for field in wanted {
                provider[*field] = client[*field].clone();
            }
            let settings = read("mongodb://127.0.0.1/x", json!({"auth": { name: provider }}));
            assert_eq!(settings.auth.contains_key(name), enabled, "{name}");
        }
    }
}
