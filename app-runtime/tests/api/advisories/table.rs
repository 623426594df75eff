//! Holds the list of advisories against the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("../../advisories.txt");

/// Advisories published up to October 2026.
const PUBLISHED: usize = 118;

/// How many wait for a later part. Only ever less: whoever builds the part writes the tests.
const WAITING: usize = 46;

const PARTS: &[&str] = &["LiveQuery", "functions", "files", "GraphQL", "releases"];

#[test]
fn every_advisory_has_a_test_or_waits_for_its_part() {
    let tests = test_names();
    let mut waiting = 0;
    let rows = rows();
    assert_eq!(rows.len(), PUBLISHED);
    for (number, kept_by) in rows {
        if let Some(part) = kept_by.strip_prefix("waits: ") {
            assert!(PARTS.contains(&part), "{number}: no part is called {part}");
            waiting += 1;
            continue;
        }
        assert!(tests.contains(kept_by), "{number}: there is no test {kept_by}");
        let (_, serial) = number.split_once('-').unwrap();
        let named = kept_by.starts_with("cve_") && kept_by.split('_').any(|part| part == serial);
        assert!(named, "{number}: {kept_by} does not name it");
    }
    assert_eq!(waiting, WAITING, "correct WAITING, downwards");
}

#[test]
fn every_test_with_a_number_is_listed() {
    let listed: BTreeSet<&str> = rows().into_values().collect();
    let numbered = test_names().into_iter().filter(|name| name.starts_with("cve_"));
    let missing: Vec<String> = numbered.filter(|name| !listed.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "not in advisories.txt: {missing:?}");
}

fn rows() -> BTreeMap<&'static str, &'static str> {
    let rows = TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|line| line.split_once(' ').unwrap())
        .map(|(number, kept_by)| (number, kept_by.trim()))
        .collect()
}

/// The names of all test functions of the crate and of its settings.
fn test_names() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    for path in ["src", "tests", "../crates/runtime-settings/src"]
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
    {
        let source = std::fs::read_to_string(path).unwrap();
        let mut is_test = false;
        for line in source.lines().map(str::trim_start) {
            let name = line
                .strip_prefix("async fn ")
                .or_else(|| line.strip_prefix("fn "))
                .and_then(|rest| rest.split('(').next());
            match name {
                Some(name) if is_test => drop(names.insert(name.to_owned())),
                _ => {}
            }
            is_test = line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        }
    }
    names
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
