//! The public pages behind the links in mails: verifying an address, choosing a new password.
//!
//! An app may bring its own (`pages.pagesPath`, `pages.customUrls`); ours are plain, need no script, and speak several
//! languages, whose texts `pages.translations` or `pages.localizationJsonPath` may replace. Everything is in memory: a path is only ever
//! compared, never followed.

mod texts;

use std::borrow::Cow;
use std::collections::BTreeMap;

use url::Url;

use crate::settings::{PagesSettings, Settings};
use crate::templates::{Medium, render};
use texts::Words;

/// One of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    PasswordReset,
    PasswordResetSuccess,
    PasswordResetLinkInvalid,
    EmailVerificationSuccess,
    EmailVerificationSendFail,
    EmailVerificationSendSuccess,
    EmailVerificationLinkInvalid,
    EmailVerificationLinkExpired,
}

/// Page, id in `customUrls`, file name, our content.
const PAGES: [(Page, &str, &str, &str); 8] = [
    (
        Page::PasswordReset,
        "passwordReset",
        "password_reset.html",
        include_str!("html/password_reset.html"),
    ),
    (
        Page::PasswordResetSuccess,
        "passwordResetSuccess",
        "password_reset_success.html",
        include_str!("html/password_reset_success.html"),
    ),
    (
        Page::PasswordResetLinkInvalid,
        "passwordResetLinkInvalid",
        "password_reset_link_invalid.html",
        include_str!("html/password_reset_link_invalid.html"),
    ),
    (
        Page::EmailVerificationSuccess,
        "emailVerificationSuccess",
        "email_verification_success.html",
        include_str!("html/email_verification_success.html"),
    ),
    (
        Page::EmailVerificationSendFail,
        "emailVerificationSendFail",
        "email_verification_send_fail.html",
        include_str!("html/email_verification_send_fail.html"),
    ),
    (
        Page::EmailVerificationSendSuccess,
        "emailVerificationSendSuccess",
        "email_verification_send_success.html",
        include_str!("html/email_verification_send_success.html"),
    ),
    (
        Page::EmailVerificationLinkInvalid,
        "emailVerificationLinkInvalid",
        "email_verification_link_invalid.html",
        include_str!("html/email_verification_link_invalid.html"),
    ),
    (
        Page::EmailVerificationLinkExpired,
        "emailVerificationLinkExpired",
        "email_verification_link_expired.html",
        include_str!("html/email_verification_link_expired.html"),
    ),
];

const LAYOUT: &str = include_str!("html/layout.html");

/// What a page shows, by name; also told in headers for programs that ask.
pub type Params = BTreeMap<&'static str, String>;

/// What answers a request for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Html {
        html: String,
        /// Ours: a strict content policy fits.
        built_in: bool,
    },
    File {
        name: String,
        content: Vec<u8>,
    },
    Redirect(String),
    NotFound,
}

/// The parameters of every page; `None` where the app has no name or address, and so no pages.
pub fn default_params(settings: &Settings) -> Option<Params> {
    Some(Params::from([
        ("appId", settings.app_id.clone()),
        ("appName", settings.app_name.clone()?),
        ("publicServerUrl", settings.public_server_url.clone()?),
    ]))
}

/// Shows a page, or leads to it: to an own one elsewhere, or (`redirect`) to its address here.
pub fn show(settings: &Settings, page: Page, params: &Params, redirect: bool) -> Answer {
    let pages = &settings.pages;
    let (id, file, _) = description(page);
    if let Some(url) = pages.custom_urls.get(id) {
        return redirect_to(url, params);
    }
    let locale = params.get("locale").map(String::as_str);
    let own = own_file(pages, file, locale);
    if redirect || pages.force_redirect {
        let public = settings.public_server_url.as_deref().unwrap_or_default();
        let path = own.map_or(file, |(path, _)| path);
        let url = format!("{}/{}/{path}", public.trim_end_matches('/'), pages.endpoint);
        return redirect_to(&url, params);
    }
    match own {
        Some((_, content)) => own_html(pages, content, params, locale),
        None => built_in(pages, page, params, locale),
    }
}

/// Whatever is at this path below the pages' endpoint.
pub fn at_path(settings: &Settings, path: &str, params: &Params) -> Answer {
    let pages = &settings.pages;
    let locale = params.get("locale").map(String::as_str);
    if let Some(content) = pages.files.get(path) {
        return if path.ends_with(".html") {
            own_html(pages, content, params, locale)
        } else {
            Answer::File {
                name: path.to_owned(),
                content: content.clone(),
            }
        };
    }
    match PAGES.iter().find(|(_, _, file, _)| *file == path) {
        Some((page, ..)) => built_in(pages, *page, params, locale),
        None => Answer::NotFound,
    }
}

fn description(page: Page) -> (&'static str, &'static str, &'static str) {
    PAGES
        .iter()
        .find(|(known, ..)| *known == page)
        .map_or(("", "", ""), |(_, id, file, content)| (id, file, content))
}

/// The app's own file for a page, in the language nearest to the locale.
fn own_file<'a>(pages: &'a PagesSettings, file: &str, locale: Option<&str>) -> Option<(&'a str, &'a [u8])> {
    let locale = locale.filter(|_| pages.enable_localization);
    let language = locale.and_then(|locale| locale.split('-').next());
    let candidates = [
        locale.map(|locale| format!("{locale}/{file}")),
        language.map(|language| format!("{language}/{file}")),
        Some(file.to_owned()),
    ];
    candidates
        .into_iter()
        .flatten()
        .find_map(|path| pages.files.get_key_value(&path))
        .map(|(path, content)| (path.as_str(), content.as_slice()))
}

fn own_html(pages: &PagesSettings, content: &[u8], params: &Params, locale: Option<&str>) -> Answer {
    let template = String::from_utf8_lossy(content);
    Answer::Html {
        html: fill(pages, &template, params, locale),
        built_in: false,
    }
}

fn built_in(pages: &PagesSettings, page: Page, params: &Params, locale: Option<&str>) -> Answer {
    let template = LAYOUT.replace("<!-- content -->", description(page).2);
    Answer::Html {
        html: fill(pages, &template, params, locale),
        built_in: true,
    }
}

/// Own texts go before own placeholders, those before parameters, those before our texts.
fn fill(pages: &PagesSettings, template: &str, params: &Params, locale: Option<&str>) -> String {
    let words = Words::new(pages, locale);
    let plain = |name: &str| params.get(name).map(String::as_str);
    render(template, Medium::Html, &|name| {
        words
            .own(name)
            .map(|text| with_params(text, params).into())
            .or_else(|| pages.placeholders.get(name).map(|value| value.as_str().into()))
            .or_else(|| plain(name).map(Cow::from))
            .or_else(|| words.ours(name).map(|text| with_params(text, params).into()))
            .or_else(|| (name == "language").then(|| words.language().into()))
            .or_else(|| (name == "pagesEndpoint").then(|| pages.endpoint.as_str().into()))
    })
}

/// One of the texts, for what a page says beside its own content.
pub fn text(settings: &Settings, name: &str, params: &Params) -> String {
    let words = Words::new(&settings.pages, params.get("locale").map(String::as_str));
    let text = words.own(name).or_else(|| words.ours(name));
    with_params(text.unwrap_or_default(), params)
}

fn with_params(text: &str, params: &Params) -> String {
    render(text, Medium::Plain, &|name| {
        params.get(name).map(|value| value.as_str().into())
    })
}

fn redirect_to(url: &str, params: &Params) -> Answer {
    let Ok(mut url) = Url::parse(url) else {
        return Answer::NotFound;
    };
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !params.contains_key(name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .extend_pairs(params);
    Answer::Redirect(url.into())
}

#[cfg(test)]
mod tests;
