//! Mails in the language of whoever reads them, and of the page their link leads to.

use app_runtime::settings::{MailTemplate, MailTexts, PagesSettings};

use super::*;

/// An app that speaks several languages, and German where nobody says which.
async fn speaking(change: impl FnOnce(&mut Settings)) -> App {
    verifying(|settings| {
        settings.pages = PagesSettings {
            enable_localization: true,
            fallback_locale: "de".to_owned(),
            ..PagesSettings::default()
        };
        change(settings);
    })
    .await
}

/// The `number`th mail to an address: what it says, and the page behind its link.
async fn read(app: &App, email: &str, number: usize) -> (String, Shown) {
    token_in_mail(email, number).await;
    let mail = mails_to(email).swap_remove(number - 1);
    let (_, link) = mail.split_once("https://notes.example/parse/apps/").unwrap();
    let link = link.split_whitespace().next().unwrap();
    let shown = page(app, link).await;
    (decoded(&mail), shown)
}

/// Quoted-printable letters beside ASCII, as far as these tests look at them.
fn decoded(mail: &str) -> String {
    [("=C3=A4", "ä"), ("=C3=A9", "é"), ("=C3=B1", "ñ"), ("=C3=BC", "ü")]
        .iter()
        .fold(mail.to_owned(), |mail, (coded, letter)| {
            mail.replace(coded, letter)
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_and_its_page_speak_the_users_language() {
    let app = speaking(|_| {}).await;
    let sign_up_in = async |name: &str, locale: Value| {
        let email = address(name);
        let body = json!({"username": name, "password": "pw", "email": email, "locale": locale});
        let answer = app.post(&As::Nobody, "/users", body).await.ok();
        (email, answer)
    };
    let (anna, signed_up) = sign_up_in("anna", json!("fr-CA")).await;
    let (mail, shown) = read(&app, &anna, 1).await;
    assert!(
        mail.contains("Veuillez confirmer que") && mail.contains("<html lang=\"fr\">"),
        "{mail}"
    );
    assert!(shown.html.contains("est confirmée"), "{}", shown.html);

    request(&app, "/requestPasswordReset", &anna).await.ok();
    let (mail, shown) = read(&app, &anna, 2).await;
    assert!(mail.contains("Vous pouvez le choisir ici"), "{mail}");
    assert!(shown.html.contains("Choisissez un nouveau mot de passe"));

    // Who changes the address alone is written to in the language they have, and by their name.
    let own = As::User(signed_up["sessionToken"].as_str().unwrap().to_owned());
    let path = format!("/users/{}", signed_up["objectId"].as_str().unwrap());
    let next = address("anna");
    app.put(&own, &path, json!({"email": next})).await.ok();
    let (mail, _) = read(&app, &next, 1).await;
    assert!(mail.contains("Veuillez confirmer que"), "{mail}");

    let (nobody, _) = sign_up_in("ben", json!("../../etc")).await;
    let (mail, shown) = read(&app, &nobody, 1).await;
    assert!(mail.contains("Hier kannst du das tun"), "the fallback: {mail}");
    assert!(
        shown.html.contains("ist bestätigt") && !mail.contains("locale"),
        "{mail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_of_the_request_goes_before_the_users() {
    let app = speaking(|_| {}).await;
    let email = address("anna");
    let user = json!({"username": "anna", "password": "pw", "email": email, "locale": "fr"});
    app.post(&As::Nobody, "/users", user).await.ok();
    token_in_mail(&email, 1).await;
    for (number, path) in [(2, "/verificationEmailRequest"), (3, "/requestPasswordReset")] {
        let body = json!({"email": email, "locale": "es-MX"});
        app.post(&As::Nobody, path, body).await.ok();
        let (mail, shown) = read(&app, &email, number).await;
        assert!(
            mail.contains("Hola:") && mail.contains("locale=es-MX"),
            "{path}: {mail}"
        );
        assert_eq!(shown.headers["x-parse-page-param-locale"], "es-MX");
        assert!(shown.html.contains("<html lang=\"es\">"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_mail_comes_in_the_language_of_the_page_that_asks_for_it() {
    let app = speaking(|_| {}).await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let fields = [("token", token.as_str()), ("locale", "fr")];
    send_form(&app, "resend_verification_email", &fields).await;
    let (mail, _) = read(&app, &email, 2).await;
    assert!(mail.contains("Veuillez confirmer que"), "{mail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn own_words_go_by_locale_and_nothing_is_translated_unless_the_app_wants_it() {
    let say = |text: &str| MailTexts {
        subject: Some("Ciao {{username}}".to_owned()),
        text: Some(format!("{text}: {{{{link}}}}")),
        html: None,
    };
    let template = MailTemplate {
        translations: std::collections::BTreeMap::from([("it".to_owned(), say("Ecco"))]),
        ..MailTemplate::default()
    };
    let app = speaking(|settings| {
        let mail = settings.mail.as_mut().unwrap();
        (mail.verification, mail.password_reset) = (template.clone(), template);
    })
    .await;
    let email = address("anna");
    let user = json!({"username": "anna", "password": "pw", "email": email, "locale": "it-CH"});
    app.post(&As::Nobody, "/users", user.clone()).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    for number in [1, 2] {
        let (mail, _) = read(&app, &email, number).await;
        assert!(
            mail.contains("Subject: Ciao anna") && mail.contains("Ecco: https://"),
            "{mail}"
        );
        assert!(!mail.contains("text/html"), "{mail}");
    }

    let plain = verifying(|_| {}).await;
    let email = address("anna");
    let mut user = user;
    (user["email"], user["locale"]) = (json!(email), json!("de"));
    plain.post(&As::Nobody, "/users", user).await.ok();
    let (mail, shown) = read(&plain, &email, 1).await;
    assert!(
        mail.contains("You are being asked") && !mail.contains("locale"),
        "{mail}"
    );
    assert!(shown.html.contains("is confirmed"));
}
