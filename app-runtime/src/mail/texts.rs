//! What mails say: the app's own words for a language, the app's own for all of them, or ours.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Kind;
use crate::languages;
use crate::settings::{MailTemplate, MailTexts};

const LAYOUT: &str = include_str!("html/layout.html");

static BUILT_IN: LazyLock<BTreeMap<String, Mails>> =
    LazyLock::new(|| serde_json::from_str(include_str!("texts.json")).unwrap_or_default());
static NONE: LazyLock<Mails> = LazyLock::new(Mails::default);
static EMPTY: MailTexts = MailTexts {
    subject: None,
    text: None,
    html: None,
};

/// Our mails in one language.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mails {
    verification: Words,
    password_reset: Words,
}

/// Our words for one mail, places included; all but the first two are HTML.
#[derive(Default, Deserialize)]
struct Words {
    subject: String,
    text: String,
    title: String,
    intro: String,
    button: String,
    note: String,
}

/// The templates of one mail.
pub struct Texts<'a> {
    pub subject: &'a str,
    pub text: &'a str,
    pub html: Option<Cow<'a, str>>,
}

/// The texts for the first of these languages that there are any in; what an own text leaves out is ours.
pub fn choose<'a>(own: &'a MailTemplate, kind: Kind, wanted: &[&str]) -> Texts<'a> {
    // Own words that are for all languages go before our translations: the app would speak with two voices.
    let is_plain = own.texts == EMPTY;
    for (place, locale) in wanted.iter().enumerate() {
        if let Some((_, texts)) = languages::find(&own.translations, locale) {
            return combine(texts, kind, ours(wanted[place..].iter()));
        }
        if let (true, Some(ours)) = (is_plain, languages::find(&BUILT_IN, locale)) {
            return combine(&EMPTY, kind, Some(ours));
        }
    }
    // They are taken to be in the app's fallback language, which comes last.
    combine(&own.texts, kind, ours(wanted.iter().rev()))
}

/// Our mails in the first of these languages that we speak.
fn ours<'w>(mut wanted: impl Iterator<Item = &'w &'w str>) -> Option<(&'static str, &'static Mails)> {
    wanted.find_map(|locale| languages::find(&BUILT_IN, locale))
}

fn combine<'a>(own: &'a MailTexts, kind: Kind, ours: Option<(&'static str, &'static Mails)>) -> Texts<'a> {
    let (language, mails) = ours
        .or_else(|| languages::find(&BUILT_IN, languages::LAST))
        .unwrap_or((languages::LAST, &NONE));
    let words = match kind {
        Kind::Verification => &mails.verification,
        Kind::PasswordReset => &mails.password_reset,
    };
    Texts {
        subject: own.subject.as_deref().unwrap_or(&words.subject),
        text: own.text.as_deref().unwrap_or(&words.text),
        // Our HTML goes with our text only: beside an own text it would say something else.
        html: match (&own.html, &own.text) {
            (Some(html), _) => Some(html.into()),
            (None, Some(_)) => None,
            (None, None) => Some(html(words, language).into()),
        },
    }
}

fn html(words: &Words, language: &str) -> String {
    [
        ("language", language),
        ("title", &words.title),
        ("intro", &words.intro),
        ("button", &words.button),
        ("note", &words.note),
    ]
    .iter()
    .fold(LAYOUT.to_owned(), |html, (name, words)| {
        html.replace(&format!("<!-- {name} -->"), words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mail_is_complete_in_every_language() {
        assert_eq!(BUILT_IN.keys().collect::<Vec<_>>(), ["de", "en", "es", "fr"]);
        for language in BUILT_IN.keys() {
            for kind in [Kind::Verification, Kind::PasswordReset] {
                let own = MailTemplate::default();
                let texts = choose(&own, kind, &[language]);
                let html = texts.html.unwrap();
                assert!(html.contains(&format!("<html lang=\"{language}\">")), "{html}");
                assert!(!html.contains("<!-- "), "{html}");
                assert!(texts.subject.contains("{{appName}}"), "{language}");
                assert!(texts.text.contains("\n{{link}}\n") && html.contains("href=\"{{link}}\""));
                let names = ["{{email}}", "{{#username}}"][kind as usize];
                assert!(
                    texts.text.contains(names) && html.contains(names),
                    "{language} {kind:?}"
                );
            }
        }
    }

    #[test]
    fn a_mail_is_in_the_nearest_language_that_there_are_words_in() {
        let say = |text: &str| MailTexts {
            text: Some(text.to_owned()),
            ..MailTexts::default()
        };
        let translated = MailTemplate {
            texts: MailTexts::default(),
            translations: BTreeMap::from([
                ("it".to_owned(), say("Ciao")),
                ("de-AT".to_owned(), say("Servus")),
            ]),
        };
        let own = MailTemplate {
            texts: say("Hello"),
            ..translated.clone()
        };
        for (template, wanted, text, subject) in [
            (&translated, &["it-CH", "it", "en"][..], "Ciao", "Please verify"),
            (&translated, &["de-AT", "de", "en"], "Servus", "Bitte bestätige"),
            (&translated, &["de", "en"], "Hallo,\n\nbitte", "Bitte bestätige"),
            (&translated, &["xx", "fr"], "Bonjour", "Confirmez"),
            (&translated, &["xx"], "Hi,", "Please verify"),
            (&translated, &[], "Hi,", "Please verify"),
            (&own, &["it", "en"], "Ciao", "Please verify"),
            (&own, &["fr", "en"], "Hello", "Please verify"),
            (&own, &["fr", "de"], "Hello", "Bitte bestätige"),
            (&own, &[], "Hello", "Please verify"),
        ] {
            let texts = choose(template, Kind::Verification, wanted);
            assert!(texts.text.starts_with(text), "{wanted:?}: {}", texts.text);
            assert!(
                texts.subject.starts_with(subject),
                "{wanted:?}: {}",
                texts.subject
            );
            assert_eq!(texts.html.is_some(), !["Ciao", "Servus", "Hello"].contains(&text));
        }
    }
}
