//! Settings of a server that runs: which options it can take up at once, which wait for a restart, and what a new file
//! changes.
//!
//! Pure. The runtime calls [`Loaded::succeed_by`] whenever its file has changed; supervisors and the control plane ask
//! [`waits_for_restart`] and [`restart_hash`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::values::Values;
use super::{Loaded, SettingsError, build, describe};

const OF_THE_SOCKET: &str = "the server listens already";
const OF_THE_DATABASE: &str = "the server is connected already";
const OF_THE_CACHES: &str = "the caches are made at start";
const OF_THE_LOG: &str = "the log is set up at start";
const OF_THE_REPORT: &str = "the usage report is set up at start";

/// Options that a running server keeps as they are, with the reason.
const AT_RESTART: &[(&str, &str)] = &[
    ("appId", "clients hold it, and files and links are named by it"),
    ("databaseURI", OF_THE_DATABASE),
    ("collectionPrefix", OF_THE_DATABASE),
    ("queryTimeout", OF_THE_DATABASE),
    ("cacheTTL", OF_THE_CACHES),
    ("cacheMaxSize", OF_THE_CACHES),
    ("host", OF_THE_SOCKET),
    ("port", OF_THE_SOCKET),
    ("mountPath", OF_THE_SOCKET),
    ("metricsPort", OF_THE_SOCKET),
    ("verbose", OF_THE_LOG),
    ("silent", OF_THE_LOG),
    ("logLevel", OF_THE_LOG),
    ("jsonLogs", OF_THE_LOG),
    ("otlpEndpoint", OF_THE_LOG),
    ("engine", "the threads are started already"),
    ("drainTimeout", "the threads are started already"),
    ("usageReportURL", OF_THE_REPORT),
    ("usageReportToken", OF_THE_REPORT),
    ("usageReportInterval", OF_THE_REPORT),
    ("usageAppId", OF_THE_REPORT),
];

/// Options by which a caller shows that they may call.
const KEYS: &[&str] = &[
    "clientKey",
    "dotNetKey",
    "javascriptKey",
    "maintenanceKey",
    "masterKey",
    "readOnlyMasterKey",
    "restAPIKey",
    "webhookKey",
];

/// Why a new value of this option waits for a restart; `None` when a running server takes it up at once.
#[must_use]
pub fn waits_for_restart(option: &str) -> Option<&'static str> {
    let found = AT_RESTART.iter().find(|(name, _)| *name == option);
    found.map(|(_, reason)| *reason)
}

/// Names what a running server cannot take up of a document: two with the same hash need no restart between them.
#[must_use]
pub fn restart_hash(document: &Map<String, Value>) -> String {
    hash_of(document, |option| waits_for_restart(option).is_some())
}

/// The same for processes that take a new file up late, as pods do: they are not to serve for that long with a key that
/// has been taken away.
#[must_use]
pub fn late_restart_hash(document: &Map<String, Value>) -> String {
    hash_of(document, |option| {
        KEYS.contains(&option) || waits_for_restart(option).is_some()
    })
}

fn hash_of(document: &Map<String, Value>, counts: impl Fn(&str) -> bool) -> String {
    let counted: BTreeMap<_, _> = document.iter().filter(|(name, _)| counts(name)).collect();
    hex::encode(Sha256::digest(serde_json::json!(counted).to_string()))
}

/// What a new file means for a running server.
#[derive(Debug)]
pub struct Change {
    /// The new settings; options that wait for a restart are as they were.
    pub next: Loaded,
    /// Options that are different now.
    pub changed: Changed,
    /// Options that are different in the file and wait for a restart.
    pub needs_restart: Vec<&'static str>,
}

/// Names of options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed(BTreeSet<&'static str>);

impl Changed {
    /// Whether one of these options is among them.
    #[must_use]
    pub fn any(&self, options: &[&str]) -> bool {
        options.iter().any(|option| self.0.contains(option))
    }

    /// The names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }
}

impl Loaded {
    /// What becomes of a server that runs with these settings when `next` is to follow.
    ///
    /// # Errors
    /// When the new options do not go together with those that stay.
    pub fn succeed_by(&self, next: Self) -> Result<Change, SettingsError> {
        let different = self.values.different(&next.values);
        let (needs_restart, changed): (Vec<_>, Vec<_>) = different
            .into_iter()
            .partition(|name| waits_for_restart(name).is_some());
        let next = if needs_restart.is_empty() {
            next
        } else {
            next.keeping(&needs_restart, &self.values)?
        };
        Ok(Change {
            next,
            changed: Changed(changed.into_iter().collect()),
            needs_restart,
        })
    }

    fn keeping(mut self, names: &[&'static str], running: &Values) -> Result<Self, SettingsError> {
        for name in names {
            self.values.take_over(name, running);
        }
        Ok(Self {
            settings: build::build(&self.values)?,
            effective: describe::effective(&self.values),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{load_document, options};

    fn loaded(more: Value) -> Loaded {
        let mut document = json!({"appId": "notes", "masterKey": "m4ster", "port": 4000});
        document
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        load_document(document.to_string().as_bytes(), |_| None).unwrap()
    }

    #[test]
    fn options_that_can_be_taken_up_are_and_the_others_stay() {
        let running = loaded(json!({}));
        let change = running
            .succeed_by(loaded(
                json!({"port": 5000, "sessionLength": 60, "defaultLimit": 100}),
            ))
            .unwrap();
        assert_eq!(change.needs_restart, ["port"]);
        assert_eq!(change.changed.names().collect::<Vec<_>>(), ["sessionLength"]);
        assert_eq!(
            (
                change.next.settings.port,
                change.next.settings.session_length.as_secs()
            ),
            (4000, 60)
        );
        assert!(change.next.effective.contains("4000"));
    }

    #[test]
    fn option_that_waits_is_reported_until_it_is_taken_back() {
        let change = loaded(json!({}))
            .succeed_by(loaded(json!({"port": 5000})))
            .unwrap();
        let again = change
            .next
            .succeed_by(loaded(json!({"port": 5000, "maxLimit": 5})))
            .unwrap();
        assert_eq!(again.needs_restart, ["port"]);
        let back = again.next.succeed_by(loaded(json!({"maxLimit": 5}))).unwrap();
        assert!(back.needs_restart.is_empty() && back.changed == Changed::default());
    }

    #[test]
    fn removing_an_option_brings_its_default_back() {
        let change = loaded(json!({"sessionLength": 60}))
            .succeed_by(loaded(json!({})))
            .unwrap();
        assert_eq!(change.next.settings.session_length.as_secs(), 31_536_000);
    }

    #[test]
    fn only_an_option_that_waits_changes_the_hash_and_their_order_does_not() {
        let hash = |document: Value| restart_hash(document.as_object().unwrap());
        let before = hash(json!({"port": 1, "engine": "s", "masterKey": "one", "rateLimit": []}));
        let live = json!({"engine": "s", "sessionLength": 60, "masterKey": "two", "port": 1});
        assert_eq!(hash(live), before);
        assert_ne!(hash(json!({"port": 2, "engine": "s"})), before);
        assert_ne!(hash(json!({"port": 1})), before);
        let late = |document: Value| late_restart_hash(document.as_object().unwrap());
        let pod = late(json!({"port": 1, "masterKey": "one", "rateLimit": []}));
        assert_eq!(
            late(json!({"port": 1, "masterKey": "one", "sessionLength": 60})),
            pod
        );
        assert_ne!(late(json!({"port": 1, "masterKey": "two"})), pod);
    }

    #[test]
    fn every_option_that_waits_is_one() {
        for name in AT_RESTART.iter().map(|(name, _)| name).chain(KEYS) {
            assert!(options::find(name).is_some(), "{name}");
        }
        assert_eq!(waits_for_restart("rateLimit"), None);
    }
}
