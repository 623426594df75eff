//! Holds the list of options against the settings and the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app_runtime::settings::owner::{self, Field};
use app_runtime::settings::{Effect, every_option, load_document};
use serde_json::json;

use crate::named;

const TABLE: &str = include_str!("../../options.txt");

/// Which options of Parse Server have which fields.
const FIELDS: &str = "../crates/runtime-settings/src/parse_server_9_10_fields.tsv";

#[test]
fn every_option_and_field_with_an_effect_has_a_test() {
    let listed: BTreeSet<&str> = rows().into_keys().collect();
    let needed = needed();
    let missing: Vec<&String> = needed
        .iter()
        .filter(|name| !listed.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in options.txt: {missing:?}");
    let extra: Vec<&&str> = listed.iter().filter(|name| !needed.contains(**name)).collect();
    assert!(extra.is_empty(), "without effect, but in options.txt: {extra:?}");
}

#[test]
fn every_test_in_the_list_exists() {
    let tests = named::tests();
    for (option, kept_by) in rows() {
        assert!(tests.contains(kept_by), "{option}: there is no test {kept_by}");
    }
}

fn rows() -> BTreeMap<&'static str, &'static str> {
    let rows = TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once(' ').unwrap());
    let mut all = BTreeMap::new();
    for (option, test) in rows {
        assert_eq!(all.insert(option, test.trim()), None, "{option} is listed twice");
    }
    all
}

/// `option` and `option.field`, for whatever the settings say has an effect.
fn needed() -> BTreeSet<String> {
    let used = |name: &str| every_option().any(|option| option.name == name && option.effect == Effect::Used);
    let mut needed: BTreeSet<String> = every_option()
        .filter(|option| option.effect == Effect::Used)
        .map(|option| option.name.to_owned())
        .collect();
    let fields = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(FIELDS)).unwrap();
    for (option, field) in fields.lines().map(|line| line.split_once('\t').unwrap()) {
        if used(option) && !is_needless(option, field) {
            needed.insert(format!("{option}.{field}"));
        }
    }
    for option in owner::OPTIONS.iter().filter(|option| used(option.name)) {
        add(option.name, option.fields, &mut needed);
    }
    needed
}

fn add(above: &str, fields: &[Field], needed: &mut BTreeSet<String>) {
    for field in fields {
        let name = format!("{above}.{}", field.name);
        match field.fields {
            [] => drop(needed.insert(name)),
            below => add(&name, below, needed),
        }
    }
}

/// Whether the settings take the field and say that it changes nothing, or refuse it.
fn is_needless(option: &str, field: &str) -> bool {
    let mut value = match option {
        "rateLimit" => json!({"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1}),
        _ => json!({}),
    };
    value[field] = json!(["something"]);
    let document = json!({"appId": "a", "masterKey": "m", option: value}).to_string();
    match load_document(document.as_bytes(), |_| None) {
        Ok(loaded) => loaded
            .warnings
            .iter()
            .any(|warning| warning.starts_with(&format!("{option}.{field} has no effect"))),
        // A function of Node.js.
        Err(error) => error.to_string().contains(field) && field == "validatorCallback",
    }
}
