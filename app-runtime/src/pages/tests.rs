//! Which page answers, in which language, and that nothing in it is markup by accident.

use std::sync::Arc;

use super::*;
use crate::settings::is_locale;

fn settings(change: impl FnOnce(&mut PagesSettings)) -> Settings {
    let mut settings = Settings {
        app_name: Some("Notes & <More>".into()),
        public_server_url: Some("https://notes.example/parse".into()),
        ..Settings::for_tests("notes", "mongodb://localhost/x")
    };
    change(&mut settings.pages);
    settings
}

fn html(answer: Answer) -> String {
    match answer {
        Answer::Html { html, .. } => html,
        other => panic!("{other:?}"),
    }
}

fn params(settings: &Settings, more: &[(&'static str, &str)]) -> Params {
    let mut params = default_params(settings).unwrap();
    params.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    params
}

#[test]
fn every_built_in_page_is_complete_in_every_language() {
    let settings = settings(|pages| pages.enable_localization = true);
    for (page, ..) in PAGES {
        for language in ["en", "de", "fr", "es"] {
            let html = html(show(
                &settings,
                page,
                &params(&settings, &[("locale", language), ("token", "t")]),
                false,
            ));
            assert!(
                html.contains(&format!("<html lang=\"{language}\">")),
                "{page:?} {html}"
            );
            assert!(
                !html.contains("{{") && !html.contains("<h1></h1>") && !html.contains("<p></p>"),
                "{page:?} {language}: {html}"
            );
            assert!(html.contains("Notes &amp; &lt;More&gt;"), "{page:?}");
        }
    }
}

#[test]
fn cve_2025_68115_markup_in_parameters_stays_text() {
    let settings = settings(|pages| {
        let own = b"<p>{{{error}}}</p><input value=\"{{token}}\">".to_vec();
        pages.files = Arc::new(BTreeMap::from([("password_reset_success.html".to_owned(), own)]));
    });
    let attack = "\"><script>alert(1)</script>";
    let params = params(
        &settings,
        &[("error", attack), ("token", attack), ("username", attack)],
    );
    for page in [
        Page::PasswordReset,
        Page::PasswordResetSuccess,
        Page::EmailVerificationLinkExpired,
    ] {
        let html = html(show(&settings, page, &params, false));
        assert!(
            html.contains("&quot;&gt;&lt;script&gt;") && !html.contains("<script"),
            "{html}"
        );
    }
}

#[test]
fn cve_2026_30848_paths_and_locales_lead_to_known_files_only() {
    let settings = settings(|pages| {
        pages.enable_localization = true;
        pages.files = Arc::new(BTreeMap::from([("a.css".to_owned(), b"x".to_vec())]));
    });
    let params = params(&settings, &[]);
    assert!(matches!(
        at_path(&settings, "a.css", &params),
        Answer::File { .. }
    ));
    for path in [
        "../a.css",
        "./a.css",
        "/a.css",
        "x/../a.css",
        "..",
        "",
        "a.css/",
        "%2e%2e/a.css",
    ] {
        assert_eq!(at_path(&settings, path, &params), Answer::NotFound, "{path}");
    }
    for good in ["en", "de-AT", "zh-Hans-CN"] {
        assert!(is_locale(good), "{good}");
    }
    for bad in ["", "e", "../..", "de/..", "de-", "english", "de-..", "de\0"] {
        assert!(!is_locale(bad), "{bad:?}");
    }
}

#[test]
fn own_pages_and_texts_come_in_the_nearest_language() {
    let settings = settings(|pages| {
        pages.enable_localization = true;
        pages.files = Arc::new(BTreeMap::from([
            (
                "password_reset.html".to_owned(),
                b"{{greeting}} {{locale}}".to_vec(),
            ),
            (
                "de/password_reset.html".to_owned(),
                b"Deutsch: {{greeting}}".to_vec(),
            ),
        ]));
        let greeting = |text: &str| BTreeMap::from([("greeting".to_owned(), text.to_owned())]);
        pages.translations = BTreeMap::from([
            ("en".to_owned(), greeting("Hello {{appId}}")),
            ("de".to_owned(), greeting("Hallo {{appId}}")),
        ]);
    });
    for (locale, expected) in [
        ("de-AT", "Deutsch: Hallo notes"),
        ("fr", "Hello notes fr"),
        ("de", "Deutsch: Hallo notes"),
    ] {
        let params = params(&settings, &[("locale", locale)]);
        assert_eq!(
            html(show(&settings, Page::PasswordReset, &params, false)),
            expected
        );
    }
}

#[test]
fn a_page_and_what_is_said_on_it_are_in_one_language() {
    let speaking = |enabled: bool, fallback: &str| {
        settings(|pages| {
            pages.enable_localization = enabled;
            pages.fallback_locale = fallback.to_owned();
            let own = |text: &str| BTreeMap::from([("passwordsDiffer".to_owned(), text.to_owned())]);
            pages.translations = BTreeMap::from([("it".to_owned(), own("{{appName}}: diverse"))]);
        })
    };
    for (enabled, fallback, locale, language, message) in [
        (true, "de", None, "de", "Die beiden Passwörter sind nicht gleich."),
        (
            true,
            "de-AT",
            Some("xx"),
            "de",
            "Die beiden Passwörter sind nicht gleich.",
        ),
        (
            true,
            "de",
            Some("fr"),
            "fr",
            "Les deux mots de passe ne sont pas identiques.",
        ),
        (true, "de", Some("it-CH"), "it", "Notes & <More>: diverse"),
        (
            false,
            "it",
            Some("it"),
            "en",
            "The two passwords are not the same.",
        ),
    ] {
        let settings = speaking(enabled, fallback);
        let locale: Vec<_> = locale.into_iter().map(|locale| ("locale", locale)).collect();
        let mut params = params(&settings, &locale);
        let said = text(&settings, "passwordsDiffer", &params);
        assert_eq!(said, message);
        params.insert("error", said);
        let html = html(show(&settings, Page::PasswordReset, &params, false));
        assert!(html.contains(&format!("<html lang=\"{language}\">")), "{html}");
    }
}

#[test]
fn redirects_carry_their_parameters() {
    let plain = settings(|_| {});
    let answer = show(
        &plain,
        Page::EmailVerificationSendSuccess,
        &params(&plain, &[]),
        true,
    );
    let Answer::Redirect(url) = answer else {
        panic!("{answer:?}")
    };
    assert!(url.starts_with("https://notes.example/parse/apps/email_verification_send_success.html?appId=notes&appName=Notes+%26+"), "{url}");
    let custom = settings(|pages| {
        pages.custom_urls = BTreeMap::from([(
            "passwordReset".to_owned(),
            "https://own.example/reset?appId=x&a=1".to_owned(),
        )]);
    });
    let answer = show(
        &custom,
        Page::PasswordReset,
        &params(&custom, &[("token", "a b&c")]),
        false,
    );
    let Answer::Redirect(url) = answer else {
        panic!("{answer:?}")
    };
    assert!(
        url.starts_with("https://own.example/reset?a=1&appId=notes&") && url.contains("token=a+b%26c"),
        "{url}"
    );
}
