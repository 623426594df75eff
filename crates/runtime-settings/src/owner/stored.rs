//! What of stored settings is the owner's: another release may have stored more than this one takes.

use serde_json::{Map, Value};

use super::{Secrets, check::REDIS, find, secrets};

/// What another release stored and this one has no use for. It is kept, so that the newer of two releases finds its
/// options as it left them when the older one has saved in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    options: Map<String, Value>,
    /// Of places which this release does not know to hold a secret.
    secrets: Secrets,
}

impl Unknown {
    /// Adds it to what is stored: `settings` without their secrets, and those. A secret whose place was changed is gone.
    pub fn rejoin(&self, settings: &mut Map<String, Value>, secrets: &mut Secrets) {
        settings.extend(self.options.clone());
        let whole = Value::Object(std::mem::take(settings));
        let waits = |pointer: &str| whole.pointer(pointer).is_some_and(Value::is_null);
        let kept = self.secrets.iter().filter(|(pointer, _)| waits(pointer));
        secrets.extend(kept.map(|(pointer, secret)| (pointer.clone(), secret.clone())));
        if let Value::Object(whole) = whole {
            *settings = whole;
        }
    }
}

/// Leaves in settings, whose secrets are in their places, what is the owner's, and returns the rest.
pub fn set_aside(settings: &mut Map<String, Value>, mut secrets: Secrets) -> Unknown {
    let stored = std::mem::take(settings);
    let options;
    (*settings, options) = stored.into_iter().partition(|(name, _)| find(name).is_some());
    drop_redis_urls(settings);
    let known = secrets::places(settings);
    secrets.retain(|pointer, _| !known.contains(pointer));
    Unknown { options, secrets }
}

/// Drops what no owner may set.
pub fn drop_foreign(settings: &mut Map<String, Value>) {
    settings.retain(|name, _| find(name).is_some());
    drop_redis_urls(settings);
}

fn drop_redis_urls(settings: &mut Map<String, Value>) {
    match settings.get_mut("rateLimit") {
        Some(Value::Array(entries)) => entries.iter_mut().for_each(drop_redis),
        Some(entry) => drop_redis(entry),
        None => {}
    }
}

fn drop_redis(entry: &mut Value) {
    if let Value::Object(entry) = entry {
        entry.remove(REDIS);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_stored_and_no_owners_any_more_is_dropped() {
        let limit = json!({"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1});
        let mut with_redis = limit.clone();
        with_redis[REDIS] = "redis://:hush@cache".into();
        for (stored, kept) in [
            (
                json!({"sessionLength": 60, "masterKey": "m", "gone": 1}),
                json!({"sessionLength": 60}),
            ),
            (json!({"rateLimit": [with_redis]}), json!({"rateLimit": [limit]})),
            (json!({"rateLimit": with_redis}), json!({"rateLimit": limit})),
            (json!({"rateLimit": [1]}), json!({"rateLimit": [1]})),
        ] {
            let mut settings = stored.as_object().unwrap().clone();
            drop_foreign(&mut settings);
            assert_eq!(Value::Object(settings), kept);
        }
    }

    #[test]
    fn what_another_release_stored_comes_back_as_it_was() {
        let stored = json!({
            "sessionLength": 60,
            "newer": {"key": null},
            "mail": {"smtpUrl": null, "newerKey": null},
        });
        let secrets = Secrets::from(
            ["/newer/key", "/mail/smtpUrl", "/mail/newerKey"]
                .map(|place| (place.to_owned(), place.to_owned())),
        );
        let mut owners = stored.as_object().unwrap().clone();
        secrets::put_back(&mut owners, &secrets);
        let unknown = set_aside(&mut owners, secrets.clone());
        assert!(!owners.contains_key("newer"));

        let mut saved = owners.clone();
        let mut sealed = secrets::take_out(&mut saved);
        assert_eq!(sealed.len(), 1);
        unknown.rejoin(&mut saved, &mut sealed);
        assert_eq!((Value::Object(saved), sealed), (stored, secrets));
    }

    #[test]
    fn a_secret_that_the_owner_took_away_does_not_come_back() {
        let mut owners = json!({"mail": {"smtpUrl": null, "newerKey": null}})
            .as_object()
            .unwrap()
            .clone();
        let secrets = Secrets::from(
            ["/mail/smtpUrl", "/mail/newerKey"].map(|place| (place.to_owned(), "hush".to_owned())),
        );
        let unknown = set_aside(&mut owners, secrets);
        let mut sealed = Secrets::new();
        for changed in [
            json!({}),
            json!({"mail": {"smtpUrl": null}}),
            json!({"mail": {"newerKey": 1}}),
        ] {
            let mut saved = changed.as_object().unwrap().clone();
            unknown.rejoin(&mut saved, &mut sealed);
            assert_eq!(sealed, Secrets::new(), "{changed}");
        }
    }
}
