//! Holds the list of advisories against the tests.

use std::collections::BTreeMap;

use crate::named;

const TABLE: &str = include_str!("../../advisories.txt");

/// Advisories published up to October 2026.
const PUBLISHED: usize = 118;

/// How many wait for a later part. Only ever less: whoever builds the part writes the tests.
const WAITING: usize = 46;

const PARTS: &[&str] = &["LiveQuery", "functions", "files", "GraphQL", "releases"];

#[test]
fn every_advisory_has_a_test_or_waits_for_its_part() {
    let tests = named::tests();
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
        assert!(
            numbers(kept_by).iter().any(|named| named == number),
            "{number}: {kept_by} does not name it"
        );
    }
    assert_eq!(waiting, WAITING, "correct WAITING, downwards");
}

/// One of an advisory's tests is in the list; whoever writes the first one for a part that was missing puts it there.
#[test]
fn every_test_with_a_number_is_about_an_advisory_that_waits_no_more() {
    let rows = rows();
    for test in named::tests().into_iter().filter(|name| name.starts_with("cve_")) {
        for number in numbers(&test) {
            let kept_by = rows.get(number.as_str());
            let kept = kept_by.is_some_and(|kept_by| !kept_by.starts_with("waits: "));
            assert!(kept, "{test}: {number} in advisories.txt: {kept_by:?}");
        }
    }
}

/// The numbers in a test's name: `cve_2026_1_2_and_2025_3_…` names three. A year holds for all that follow it.
fn numbers(test: &str) -> Vec<String> {
    let mut year = "";
    let mut named = Vec::new();
    for part in test.strip_prefix("cve_").unwrap_or_default().split('_') {
        match part {
            "and" => {}
            part if part.len() == 4 && part.starts_with("20") => year = part,
            part if part.parse::<u32>().is_ok() => named.push(format!("{year}-{part}")),
            _ => break,
        }
    }
    named
}

#[test]
fn a_test_names_its_advisories_by_year_and_number() {
    assert_eq!(
        numbers("cve_2024_27298_39309_2026_31840_and_33539_sql_means_nothing"),
        ["2024-27298", "2024-39309", "2026-31840", "2026-33539"]
    );
    assert_eq!(numbers("cve_2026_31875_a_code_works_once"), ["2026-31875"]);
    assert!(numbers("a_code_works_once_2026_31875").is_empty());
}

fn rows() -> BTreeMap<&'static str, &'static str> {
    let rows = TABLE
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|line| line.split_once(' ').unwrap())
        .map(|(number, kept_by)| (number, kept_by.trim()))
        .collect()
}
