//! The public pages and the links that lead to them.

use app_runtime::pages::{self, Answer, Page};
use reqwest::{Method, redirect};
use serde_json::{Value, json};

use super::{read, with};
use crate::mail::{request, sign_up};
use crate::smtp::{address, mailing, mails_to};
use crate::support::{App, app};

async fn showing(pages: Value) -> App {
    with(json!({"appName": "Notes & More", "publicServerURL": "https://notes.example/parse", "pages": pages}))
        .await
}

async fn page(app: &App, path: &str) -> reqwest::Response {
    let (_, request) = app.raw(Method::GET, path).build_split();
    let client = reqwest::Client::builder().redirect(redirect::Policy::none());
    client.build().unwrap().execute(request.unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_below_their_own_endpoint() {
    let app = showing(json!({"pagesEndpoint": "site"})).await;
    assert_eq!(page(&app, "/site/choose_password?appId=app").await.status(), 200);
    assert_eq!(page(&app, "/apps/choose_password?appId=app").await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_a_redirect_where_the_app_says_so() {
    for (forced, status) in [(false, 200), (true, 303)] {
        let app = showing(json!({"forceRedirect": forced})).await;
        assert_eq!(
            page(&app, "/apps/app/verify_email?token=x").await.status(),
            status
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_pages_are_encoded_where_the_app_says_so() {
    for (encoded, expected) in [(false, "Notes & More"), (true, "Notes%20%26%20More")] {
        let app = showing(json!({"encodePageParamHeaders": encoded})).await;
        let shown = page(&app, "/apps/choose_password?appId=app").await;
        assert_eq!(shown.headers()["x-parse-page-param-appname"], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn own_pages_have_own_values_and_own_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("password_reset.html"),
        "{{slogan}} {{greeting}}",
    )
    .unwrap();
    let words = folder.path().join("words.json");
    let own =
        json!({"de": {"translation": {"greeting": "Hallo"}}, "it": {"translation": {"greeting": "Ciao"}}});
    std::fs::write(&words, own.to_string()).unwrap();
    let app = showing(
        json!({"pagesPath": folder.path(), "placeholders": {"slogan": "Write it down."},
        "enableLocalization": true, "localizationJsonPath": words, "localizationFallbackLocale": "it"}),
    )
    .await;
    for (locale, expected) in [("de", "Write it down. Hallo"), ("fr", "Write it down. Ciao")] {
        let shown = page(&app, &format!("/apps/choose_password?appId=app&locale={locale}")).await;
        assert_eq!(shown.text().await.unwrap(), expected);
    }
}

#[test]
fn each_page_can_be_elsewhere() {
    let every = [
        ("passwordReset", Page::PasswordReset),
        ("passwordResetSuccess", Page::PasswordResetSuccess),
        ("passwordResetLinkInvalid", Page::PasswordResetLinkInvalid),
        ("emailVerificationSuccess", Page::EmailVerificationSuccess),
        ("emailVerificationSendSuccess", Page::EmailVerificationSendSuccess),
        ("emailVerificationSendFail", Page::EmailVerificationSendFail),
        ("emailVerificationLinkInvalid", Page::EmailVerificationLinkInvalid),
        ("emailVerificationLinkExpired", Page::EmailVerificationLinkExpired),
    ];
    for (id, _) in every {
        let settings = read(
            "mongodb://127.0.0.1/x",
            json!({"appName": "Notes", "publicServerURL": "https://notes.example",
            "pages": {"customUrls": { id: "https://elsewhere.example/page" }}}),
        );
        let params = pages::default_params(&settings).unwrap();
        for (other, page) in every {
            let answer = pages::show(&settings, page, &params, false);
            let leads =
                matches!(answer, Answer::Redirect(url) if url.starts_with("https://elsewhere.example/page?"));
            assert_eq!(leads, other == id, "{id} {other}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_lead_into_the_apps_frame() {
    let app = app(|settings| {
        mailing(settings);
        let options = read(
            "mongodb://127.0.0.1/x",
            json!({"customPages": {"parseFrameURL": "https://frame.example/"}}),
        );
        settings.pages.frame_url = options.pages.frame_url;
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let arrived = async || !mails_to(&email).is_empty();
    test_kit::wait_until(std::time::Duration::from_secs(20), "the mail arrives", arrived).await;
    let mail = mails_to(&email).swap_remove(0);
    assert!(mail.contains("https://frame.example/?link="), "{mail}");
}
