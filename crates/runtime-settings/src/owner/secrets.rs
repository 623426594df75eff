//! Which values of an owner's settings are secrets: taken out to be sealed, put in again, and masked to be shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::describe::mask_password;

/// Shown in place of a secret.
pub const MASK: &str = "********";

/// Secrets by JSON pointer (RFC 6901) into the settings.
pub type Secrets = BTreeMap<String, String>;

/// The first place of a secret that holds something other than a text, which could be neither sealed nor masked.
pub fn no_text(settings: &Map<String, Value>) -> Option<String> {
    let mut found = None;
    visit(&mut settings.clone(), &mut |pointer, value| {
        if !(value.is_string() || value.is_null()) {
            found.get_or_insert_with(|| pointer.to_owned());
        }
    });
    found
}

/// Takes the secrets out of the settings and leaves null in their places; [`put_back`] reverses it. What is no text, which
/// [`check`](super::check()) refuses, stays where it is.
pub fn take_out(settings: &mut Map<String, Value>) -> Secrets {
    let mut secrets = Secrets::new();
    visit(settings, &mut |pointer, value| {
        if let Value::String(text) = value {
            secrets.insert(pointer.to_owned(), std::mem::take(text));
            *value = Value::Null;
        }
    });
    secrets
}

/// The places of secrets that are known and there, filled or not.
pub(super) fn places(settings: &Map<String, Value>) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    visit(&mut settings.clone(), &mut |pointer, _| {
        places.insert(pointer.to_owned());
    });
    places
}

/// Puts secrets into their places.
pub fn put_back(settings: &mut Map<String, Value>, secrets: &Secrets) {
    visit(settings, &mut |pointer, value| {
        if let (Value::Null, Some(secret)) = (&value, secrets.get(pointer)) {
            *value = Value::from(secret.as_str());
        }
    });
}

/// The settings as they may be shown.
#[must_use]
pub fn mask(settings: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = settings.clone();
    visit(&mut shown, &mut |_, value| match value {
        Value::Null => {}
        Value::String(secret) => *value = Value::from(masked(secret)),
        _ => *value = Value::from(MASK),
    });
    shown
}

/// Makes the masks in settings that somebody sends back the secrets they stand for.
///
/// # Errors
/// The option with a mask that stands for none: a URL that was changed around its mask needs its password again, so that
/// nobody can have it sent to another host.
pub fn unmask(settings: &mut Map<String, Value>, present: &Map<String, Value>) -> Result<(), String> {
    let mut known = Secrets::new();
    visit(&mut present.clone(), &mut |pointer, value| {
        if let Value::String(secret) = value {
            known.insert(pointer.to_owned(), secret.clone());
        }
    });
    let mut unknown = None;
    visit(settings, &mut |pointer, value| {
        let Value::String(sent) = &value else { return };
        if !sent.contains(MASK) {
            return;
        }
        match known.get(pointer).filter(|secret| masked(secret) == *sent) {
            Some(secret) => *value = Value::from(secret.as_str()),
            None => unknown = pointer.split('/').nth(1).map(str::to_owned),
        }
    });
    unknown.map_or(Ok(()), Err)
}

fn masked(secret: &str) -> String {
    match secret.contains("://") {
        true => mask_password(secret),
        false => MASK.to_owned(),
    }
}

/// Calls `act` for every place that holds a secret, with its pointer.
fn visit(settings: &mut Map<String, Value>, act: &mut impl FnMut(&str, &mut Value)) {
    if let Some(url) = settings.get_mut("mail").and_then(|mail| mail.get_mut("smtpUrl")) {
        act("/mail/smtpUrl", url);
    }
    if let Some(auth) = settings.get_mut("auth") {
        visit_names(auth, "/auth", act);
    }
}

fn visit_names(value: &mut Value, pointer: &str, act: &mut impl FnMut(&str, &mut Value)) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                if is_secret(name) {
                    act(&pointer, field);
                } else {
                    visit_names(field, &pointer, act);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                visit_names(item, &format!("{pointer}/{index}"), act);
            }
        }
        _ => {}
    }
}

/// Names under which sign-in providers, also those of other servers, keep what nobody may see.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace(['_', '-'], "");
    [
        "secret",
        "password",
        "privatekey",
        "apikey",
        "authorizationheader",
    ]
    .iter()
    .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> Map<String, Value> {
        let settings = json!({
            "mail": {"smtpUrl": "smtps://ann:hush-1@mail.example:465", "from": "a@b.c"},
            "auth": {
                "github": {"clientId": "id", "clientSecret": "hush-2"},
                "twitter": {"consumer_key": "k", "consumer_secret": "hush-3"},
                "sso": {"oauth2": true, "authorizationHeader": "Basic hush-4"},
            },
        });
        settings.as_object().unwrap().clone()
    }

    #[test]
    fn secrets_go_out_and_come_back() {
        let mut open = settings();
        let secrets = take_out(&mut open);
        assert_eq!(secrets.len(), 4);
        assert!(!Value::Object(open.clone()).to_string().contains("hush"));
        put_back(&mut open, &secrets);
        assert_eq!(open, settings());
    }

    #[test]
    fn what_is_no_text_is_neither_lost_nor_shown() {
        let odd = json!({"auth": {"sso": {"clientSecret": {"part": "hush"}, "apiKeys": ["hush"], "password": 4711}}});
        let odd = odd.as_object().unwrap();
        let mut open = odd.clone();
        assert_eq!(take_out(&mut open), Secrets::new());
        assert_eq!(&open, odd);
        let shown = mask(odd);
        assert_eq!(
            shown["auth"]["sso"],
            json!({"clientSecret": MASK, "apiKeys": MASK, "password": MASK})
        );
        assert!(no_text(odd).unwrap().starts_with("/auth/sso/"));
        assert_eq!(no_text(&settings()), None);
    }

    #[test]
    fn masked_settings_show_everything_but_the_secrets() {
        let shown = mask(&settings());
        assert_eq!(shown["mail"]["smtpUrl"], "smtps://ann:********@mail.example:465");
        assert_eq!(
            shown["auth"]["github"],
            json!({"clientId": "id", "clientSecret": MASK})
        );
        assert!(!Value::Object(shown).to_string().contains("hush"));
    }

    #[test]
    fn mask_sent_back_means_the_secret_that_is_there() {
        let mut sent = mask(&settings());
        unmask(&mut sent, &settings()).unwrap();
        assert_eq!(sent, settings());
    }

    #[test]
    fn mask_is_worth_nothing_for_another_host_or_place() {
        for (pointer, value) in [
            ("/mail/smtpUrl", "smtps://ann:********@evil.example:465"),
            ("/auth/github/clientSecret", "x********"),
        ] {
            let mut sent = Value::Object(settings());
            *sent.pointer_mut(pointer).unwrap() = value.into();
            let mut sent = sent.as_object().unwrap().clone();
            let refused = unmask(&mut sent, &settings()).unwrap_err();
            assert!(pointer.contains(&refused));
        }
        let mut new = json!({"auth": {"gitlab": {"clientSecret": MASK}}})
            .as_object()
            .unwrap()
            .clone();
        assert_eq!(unmask(&mut new, &settings()), Err("auth".to_owned()));
    }
}
