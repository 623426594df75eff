//! Proving an address and resetting a password: the requests, the mails on a real SMTP server, the pages.

use std::time::Duration;

use app_runtime::settings::{AccountLockout, Settings};
use bson::{DateTime, Document, doc};
use reqwest::{Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};

use crate::smtp::{Server, address, mailing, mails_to, token_in_mail};
use crate::support::{Answer, App, As, app, rows, stock};

async fn verifying(change: impl FnOnce(&mut Settings)) -> App {
    app(|settings| {
        mailing(settings);
        settings.email_verification.required = true;
        change(settings);
    })
    .await
}

async fn sign_up(app: &App, name: &str, email: &str) -> Answer {
    let body = json!({"username": name, "password": "pw", "email": email});
    app.post(&As::Nobody, "/users", body).await
}

async fn log_in(app: &App, name: &str, password: &str) -> Answer {
    let credentials = json!({"username": name, "password": password});
    app.post(&As::Nobody, "/login", credentials).await
}

async fn request(app: &App, path: &str, email: &str) -> Answer {
    app.post(&As::Nobody, path, json!({"email": email})).await
}

/// A page's status, headers and text, without following where it leads.
struct Shown {
    status: StatusCode,
    location: String,
    headers: reqwest::header::HeaderMap,
    html: String,
}

async fn show(request: RequestBuilder) -> Shown {
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

async fn page(app: &App, path: &str) -> Shown {
    show(app.raw(Method::GET, &format!("/apps/{path}"))).await
}

async fn send_form(app: &App, path: &str, fields: &[(&str, &str)]) -> Shown {
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
async fn send_by_script(app: &App, body: Value) -> Answer {
    let request = app
        .raw(Method::POST, "/apps/app/request_password_reset")
        .header("X-Requested-With", "XMLHttpRequest")
        .json(&body);
    crate::support::answer(request).await
}

async fn stored(app: &App, email: &str) -> Document {
    rows(app, "_User")
        .await
        .find_one(doc! { "email": email })
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_proven_by_the_link_in_a_mail() {
    let app = verifying(|_| {}).await;
    let email = address("anna");
    let user = sign_up(&app, "anna", &email).await.ok();
    let own = As::User(user["sessionToken"].as_str().unwrap().into());
    assert_eq!(
        app.get(&own, "/users/me").await.ok()["emailVerified"],
        json!(false)
    );
    let token = token_in_mail(&email, 1).await;
    let mail = mails_to(&email).swap_remove(0);
    for part in [
        "Subject: Please verify your e-mail for Notes & More",
        "From: Notes <notes@example.org>",
        "https://notes.example/parse/apps/app/verify_email?token=",
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert_eq!(token.len(), 25);
    let done = page(&app, &format!("app/verify_email?token={token}")).await;
    assert_eq!(done.status, 200);
    assert!(done.html.contains("Your e-mail address is confirmed") && done.html.contains("Notes &amp; More"));
    assert_eq!(done.headers["x-parse-page-param-appname"], "Notes & More");
    assert_eq!(
        app.get(&own, "/users/me").await.ok()["emailVerified"],
        json!(true)
    );
    let again = page(&app, &format!("app/verify_email?token={token}")).await;
    assert!(again.html.contains("This link does not work"));
    assert!(!stored(&app, &email).await.contains_key("_email_verify_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_must_be_proven_anew() {
    let app = verifying(|_| {}).await;
    let (first, second) = (address("anna"), address("anna"));
    let user = sign_up(&app, "anna", &first).await.ok();
    let own = As::User(user["sessionToken"].as_str().unwrap().into());
    let token = token_in_mail(&first, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    let path = format!("/users/{}", user["objectId"].as_str().unwrap());
    app.put(&own, &path, json!({"email": second})).await.ok();
    assert_eq!(
        app.get(&own, "/users/me").await.ok()["emailVerified"],
        json!(false)
    );
    token_in_mail(&second, 1).await;
    app.put(&own, &path, json!({"note": "no address"})).await.ok();
    assert_eq!(mails_to(&second).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_proven_the_address_does_not_get_in() {
    let app = verifying(|settings| settings.email_verification.prevents_login = true).await;
    let email = address("anna");
    let created = sign_up(&app, "anna", &email).await;
    assert_eq!(created.status, 201);
    assert!(created.body.get("sessionToken").is_none());
    let refused = log_in(&app, "anna", "pw").await;
    assert_eq!(
        (refused.refusal(), &refused.body["error"]),
        ((400, 205), &json!("User email is not verified."))
    );
    let ignoring = json!({"username": "anna", "password": "pw", "ignoreEmailVerification": true});
    assert_eq!(
        app.post(&As::Nobody, "/login", ignoring.clone()).await.refusal(),
        (400, 205)
    );
    app.post(&As::Master, "/login", ignoring).await.ok();
    let token = token_in_mail(&email, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    log_in(&app, "anna", "pw").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_can_be_refused_until_the_address_is_proven() {
    let app = verifying(|settings| {
        settings.email_verification.prevents_login = true;
        settings.email_verification.prevents_signup = true;
    })
    .await;
    let email = address("anna");
    assert_eq!(sign_up(&app, "anna", &email).await.refusal(), (400, 205));
    let token = token_in_mail(&email, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    log_in(&app, "anna", "pw").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_link_ages_and_a_new_one_replaces_it() {
    let app = verifying(|settings| {
        settings.email_verification.token_validity = Some(Duration::from_secs(3_600));
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    let first = token_in_mail(&email, 1).await;
    let past = doc! { "$set": { "_email_verify_token_expires_at": DateTime::from_millis(0) } };
    rows(&app, "_User")
        .await
        .update_one(doc! { "email": &email }, past)
        .await
        .unwrap();
    let shown = page(&app, &format!("app/verify_email?token={first}")).await;
    assert!(shown.html.contains("This link does not work") && shown.html.contains(&first));
    let sent = send_form(&app, "resend_verification_email", &[("token", &first)]).await;
    assert_eq!(sent.status, 303);
    let prefix = "https://notes.example/parse/apps/email_verification_send_success.html?";
    assert!(sent.location.starts_with(prefix), "{}", sent.location);
    let second = token_in_mail(&email, 2).await;
    assert_ne!(first, second);
    let shown = page(&app, &format!("app/verify_email?token={first}")).await;
    assert!(shown.html.contains("This link does not work"));
    let shown = page(&app, &format!("app/verify_email?token={second}")).await;
    assert!(shown.html.contains("confirmed"));
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
async fn a_forgotten_password_is_replaced_by_the_link_in_a_mail() {
    let app = app(mailing).await;
    let email = address("anna");
    let user = sign_up(&app, "<Anna>", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let mail = mails_to(&email).swap_remove(0);
    assert!(
        mail.contains("Subject: Password Reset for Notes & More"),
        "{mail}"
    );
    assert!(
        mail.contains("(your username is '<Anna>')") && mail.contains("&lt;Anna&gt;"),
        "{mail}"
    );

    let form = page(&app, &format!("app/request_password_reset?token={token}")).await;
    assert_eq!(form.status, 200);
    assert!(
        form.html.contains(&format!("name=\"token\" value=\"{token}\"")),
        "{}",
        form.html
    );
    assert_eq!(form.headers["cache-control"], "no-store");
    assert_eq!(form.headers["referrer-policy"], "no-referrer");
    assert!(
        form.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );

    let differing = [
        ("token", token.as_str()),
        ("new_password", "new"),
        ("confirm_new_password", "other"),
    ];
    let shown = send_form(&app, "request_password_reset", &differing).await;
    assert!(shown.html.contains("The two passwords are not the same.") && shown.html.contains(&token));
    let done = send_form(
        &app,
        "request_password_reset",
        &[("token", &token), ("new_password", "new")],
    )
    .await;
    assert_eq!(done.status, 200);
    assert!(done.html.contains("Your password is changed"), "{}", done.html);

    assert_eq!(log_in(&app, "<Anna>", "pw").await.refusal(), (404, 101));
    log_in(&app, "<Anna>", "new").await.ok();
    let old = As::User(user["sessionToken"].as_str().unwrap().into());
    assert_eq!(app.get(&old, "/users/me").await.refusal(), (400, 209));
    let again = page(&app, &format!("app/request_password_reset?token={token}")).await;
    assert!(again.html.contains("This link does not work any more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_resets_a_password_with_json() {
    let app = app(|settings| {
        mailing(settings);
        settings.password_policy.validator_pattern = Some(fancy_regex::Regex::new("..").unwrap());
        settings.password_policy.validation_error = Some("Two characters at least.".into());
        settings.account_lockout = Some(AccountLockout {
            threshold: 1,
            minutes: 5.0,
            unlock_on_password_reset: true,
        });
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    log_in(&app, "anna", "x").await;
    assert_eq!(log_in(&app, "anna", "pw").await.refusal(), (404, 101));
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    for (body, code, message) in [
        (json!({"new_password": "new"}), -1, "Missing token"),
        (json!({"token": token}), 201, "Missing password"),
        (
            json!({"token": token, "new_password": "x"}),
            -1,
            "Two characters at least.",
        ),
        (
            json!({"token": "x", "new_password": "new"}),
            -1,
            "Failed to reset password: username / email / token is invalid",
        ),
    ] {
        let answer = send_by_script(&app, body).await;
        assert_eq!(
            (answer.refusal(), &answer.body["error"]),
            ((400, code), &json!(message))
        );
    }
    let done = send_by_script(&app, json!({"token": token, "new_password": "new"})).await;
    assert_eq!(done.ok(), json!("Password successfully reset"));
    log_in(&app, "anna", "new").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_ages_and_its_owner_may_ask_for_another() {
    let app = app(|settings| {
        mailing(settings);
        settings.password_policy.reset_token_validity = Some(Duration::from_secs(3_600));
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let by_token = json!({"token": token});
    let early = app
        .post(&As::Nobody, "/requestPasswordReset", by_token.clone())
        .await;
    assert_eq!(early.refusal(), (400, 125));
    let past = doc! { "$set": { "_perishable_token_expires_at": DateTime::from_millis(0) } };
    rows(&app, "_User")
        .await
        .update_one(doc! { "email": &email }, past)
        .await
        .unwrap();
    let answer = send_by_script(&app, json!({"token": token, "new_password": "new"})).await;
    assert_eq!(answer.body["error"], json!("The password reset link has expired"));
    app.post(&As::Nobody, "/requestPasswordReset", by_token)
        .await
        .ok();
    let second = token_in_mail(&email, 2).await;
    send_by_script(&app, json!({"token": second, "new_password": "new"}))
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_or_address_ends_the_links_that_are_out() {
    let app = app(mailing).await;
    let email = address("anna");
    let user = sign_up(&app, "anna", &email).await.ok();
    let path = format!("/users/{}", user["objectId"].as_str().unwrap());
    for (number, change) in [(1, json!({"password": "new"})), (2, json!({"email": email}))] {
        request(&app, "/requestPasswordReset", &email).await.ok();
        let token = token_in_mail(&email, number).await;
        app.put(&As::Master, &path, change).await.ok();
        let shown = page(&app, &format!("app/request_password_reset?token={token}")).await;
        assert!(shown.html.contains("This link does not work any more"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_32943_a_reset_token_works_once_at_the_same_moment() {
    let app = app(mailing).await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let uses = (0..4).map(|use_| {
        send_by_script(
            &app,
            json!({"token": token, "new_password": format!("new{use_}")}),
        )
    });
    let answers = futures_util::future::join_all(uses).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1,
        "{answers:?}"
    );
    let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
    log_in(&app, "anna", &format!("new{winner}")).await.ok();
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
async fn a_user_without_address_resets_by_a_name_that_is_one() {
    let app = app(mailing).await;
    let email = address("anna");
    app.post(
        &As::Nobody,
        "/users",
        json!({"username": email, "password": "pw"}),
    )
    .await
    .ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    send_by_script(&app, json!({"token": token, "new_password": "new"}))
        .await
        .ok();
    log_in(&app, &email, "new").await.ok();
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
