//! Proving an address and resetting a password: the requests, the mails on a real SMTP server, the pages.

mod encrypted;
mod languages;
mod password_reset;
mod verification;

use std::time::Duration;

use app_runtime::settings::{AccountLockout, Settings};
use bson::{DateTime, Document, doc};
use reqwest::{Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};

use crate::smtp::{Server, address, mailing, mails_to, token_in_mail};
use crate::support::{Answer, App, As, app, rows, stock};

pub async fn verifying(change: impl FnOnce(&mut Settings)) -> App {
    app(|settings| {
        mailing(settings);
        settings.email_verification.required = true;
        change(settings);
    })
    .await
}

pub async fn sign_up(app: &App, name: &str, email: &str) -> Answer {
    let body = json!({"username": name, "password": "pw", "email": email});
    app.post(&As::Nobody, "/users", body).await
}

pub async fn log_in(app: &App, name: &str, password: &str) -> Answer {
    let credentials = json!({"username": name, "password": password});
    app.post(&As::Nobody, "/login", credentials).await
}

pub async fn request(app: &App, path: &str, email: &str) -> Answer {
    app.post(&As::Nobody, path, json!({"email": email})).await
}

/// A page's status, headers and text, without following where it leads.
pub struct Shown {
    pub status: StatusCode,
    pub location: String,
    pub headers: reqwest::header::HeaderMap,
    pub html: String,
}

pub async fn show(request: RequestBuilder) -> Shown {
    let (_, request) = request.build_split();
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    let response = client.execute(request.unwrap()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let location = headers
        .get("location")
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    Shown {
        status,
        location,
        headers,
        html: response.text().await.unwrap(),
    }
}

pub async fn page(app: &App, path: &str) -> Shown {
    show(app.raw(Method::GET, &format!("/apps/{path}"))).await
}

pub async fn send_form(app: &App, path: &str, fields: &[(&str, &str)]) -> Shown {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = app
        .raw(Method::POST, &format!("/apps/app/{path}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    show(request).await
}

/// The form, sent by the page's own script.
pub async fn send_by_script(app: &App, body: Value) -> Answer {
    let request = app
        .raw(Method::POST, "/apps/app/request_password_reset")
        .header("X-Requested-With", "XMLHttpRequest")
        .json(&body);
    crate::support::answer(request).await
}

pub async fn stored(app: &App, email: &str) -> Document {
    rows(app, "_User")
        .await
        .find_one(doc! { "email": email })
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_token_is_sent_again_if_the_app_wants_that() {
    let app = verifying(|settings| {
        settings.email_verification.token_validity = Some(Duration::from_secs(3_600));
        settings.email_verification.token_reuse_if_valid = true;
        settings.password_policy.reset_token_validity = Some(Duration::from_secs(3_600));
        settings.password_policy.reset_token_reuse_if_valid = true;
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    let first = token_in_mail(&email, 1).await;
    request(&app, "/verificationEmailRequest", &email).await.ok();
    assert_eq!(token_in_mail(&email, 2).await, first);
    request(&app, "/requestPasswordReset", &email).await.ok();
    let reset = token_in_mail(&email, 3).await;
    request(&app, "/requestPasswordReset", &email).await.ok();
    assert_eq!(token_in_mail(&email, 4).await, reset);
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_30941_a_token_is_text() {
    let app = verifying(|_| {}).await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    let verification = token_in_mail(&email, 1).await;
    request(&app, "/requestPasswordReset", &email).await.ok();
    token_in_mail(&email, 2).await;
    for token in [
        json!({"$regex": "."}),
        json!({"$ne": null}),
        json!(["x"]),
        json!(true),
    ] {
        let answer = send_by_script(&app, json!({"token": token, "new_password": "new"})).await;
        assert_eq!(answer.refusal(), (400, -1), "{answer:?}");
        let answer = app
            .post(&As::Nobody, "/requestPasswordReset", json!({"token": token}))
            .await;
        assert_eq!(answer.refusal(), (400, 162), "{answer:?}");
        for path in ["/requestPasswordReset", "/verificationEmailRequest"] {
            let answer = app.post(&As::Nobody, path, json!({"email": token})).await;
            assert_eq!(answer.refusal(), (400, 125), "{answer:?}");
        }
    }
    for query in ["token[$regex]=.", "token[$ne]=", "token=", ""] {
        let shown = page(&app, &format!("app/verify_email?{query}")).await;
        assert!(shown.html.contains("This link does not work"), "{query}");
        let shown = page(&app, &format!("app/request_password_reset?{query}")).await;
        assert!(shown.html.contains("does not work any more"), "{query}");
    }
    assert_eq!(
        stored(&app, &email).await.get_str("_email_verify_token").unwrap(),
        verification
    );
    log_in(&app, "anna", "pw").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_31901_and_33323_nobody_learns_who_exists() {
    let app = verifying(|_| {}).await;
    let (known, proven) = (address("anna"), address("ben"));
    sign_up(&app, "anna", &known).await.ok();
    sign_up(&app, "ben", &proven).await.ok();
    let token = token_in_mail(&proven, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    for email in [known.as_str(), &proven, "nobody@example.org"] {
        for path in ["/requestPasswordReset", "/verificationEmailRequest"] {
            assert_eq!(request(&app, path, email).await.ok(), json!({}), "{path} {email}");
        }
    }
    let mut pages = Vec::new();
    for fields in [
        [("username", "anna")],
        [("username", "ben")],
        [("username", "nobody")],
        [("token", "x")],
    ] {
        let shown = send_form(&app, "resend_verification_email", &fields).await;
        pages.push((shown.status, shown.location, shown.html));
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_may_tell_who_exists() {
    let app = verifying(|settings| {
        settings.email_verification.success_on_invalid_email = false;
        settings.password_policy.reset_password_success_on_invalid_email = false;
    })
    .await;
    let nobody = "nobody@example.org";
    let answer = request(&app, "/requestPasswordReset", nobody).await;
    assert_eq!(
        (answer.refusal(), &answer.body["error"]),
        ((404, 101), &json!("A user with that email does not exist."))
    );
    assert_eq!(
        request(&app, "/verificationEmailRequest", nobody).await.refusal(),
        (400, 205)
    );
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    assert_eq!(
        request(&app, "/verificationEmailRequest", &email).await.refusal(),
        (400, -1)
    );
    let shown = send_form(&app, "resend_verification_email", &[("username", "anna")]).await;
    assert!(
        shown
            .location
            .contains("/apps/email_verification_send_fail.html?"),
        "{}",
        shown.location
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_mails_are_checked() {
    let app = app(mailing).await;
    let without = stock().await;
    for path in ["/requestPasswordReset", "/verificationEmailRequest"] {
        assert_eq!(app.post(&As::Nobody, path, json!({})).await.refusal(), (400, 204));
        assert_eq!(
            app.post(&As::Nobody, path, json!({"email": ""})).await.refusal(),
            (400, 204)
        );
        assert_eq!(request(&without, path, "a@example.org").await.refusal(), (500, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_waits_for_a_server_that_is_down_and_no_request_does() {
    let port = test_kit::free_port();
    let app = verifying(|settings| {
        let mail = settings.mail.as_mut().unwrap();
        mail.smtp_url = format!("smtp://127.0.0.1:{port}").into();
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let server = tokio::task::spawn_blocking(move || Server::start(port))
        .await
        .unwrap();
    let arrived = async || server.has_mail_to(&email);
    test_kit::wait_until(Duration::from_secs(30), "the mail arrives after all", arrived).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_belong_to_this_app_and_to_nobody_else() {
    let app = app(mailing).await;
    for path in [
        "other/verify_email?token=x",
        "other/request_password_reset?token=x",
        "choose_password?appId=other",
    ] {
        let shown = page(&app, path).await;
        assert_eq!(
            (shown.status.as_u16(), shown.html.as_str()),
            (403, r#"{"error":"unauthorized"}"#),
            "{path}"
        );
    }
    for path in [
        "..%2f..%2fCargo.toml",
        "de/..%2f..%2fCargo.toml",
        "nothing.html",
        "..%5c..%5cx",
    ] {
        assert_eq!(page(&app, path).await.status, 404, "{path}");
    }
    let shown = page(
        &app,
        "choose_password?appId=app&token=%22%3E%3Cscript%3E&username=%3Cb%3E",
    )
    .await;
    assert!(
        shown.html.contains("&quot;&gt;&lt;script&gt;") && !shown.html.contains("<script"),
        "{}",
        shown.html
    );
    let nameless = stock().await;
    let shown = page(&nameless, "app/verify_email?token=x").await;
    assert_eq!((shown.status.as_u16(), shown.html.as_str()), (404, "Not found."));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_the_language_they_are_asked_in() {
    let app = app(|settings| {
        mailing(settings);
        settings.pages.enable_localization = true;
    })
    .await;
    let shown = page(&app, "app/verify_email?token=x&locale=de-AT").await;
    assert!(shown.html.contains("Dieser Link funktioniert nicht") && shown.html.contains("value=\"de-AT\""));
    assert_eq!(shown.headers["x-parse-page-param-locale"], "de-AT");
    let shown = page(&app, "app/verify_email?token=x&locale=../../etc").await;
    assert!(shown.html.contains("This link does not work"));
}
