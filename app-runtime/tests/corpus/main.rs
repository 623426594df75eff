//! The fuzzers' inputs (`fuzz/corpus`), played once more: those written by hand, those found to reach code that no other
//! does, and each that ever failed; then inputs made out of them. `fuzz/README.md` says how
//! to look for more.
#![allow(clippy::unwrap_used, reason = "a panic is a test's report")]

mod mutate;
#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;
use std::time::{Duration, Instant};

/// Longest that one input may take, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(10);

/// Mutated inputs per target; `SLIPWAY_FUZZ_RUNS` asks for more, and `SLIPWAY_FUZZ_SEED` for other ones.
const RUNS: u64 = 2_000;

fn replay(target: &str, run: fn(&[u8])) {
    let inputs = corpus(target);
    assert!(inputs.len() >= 20, "only {} inputs for {target}", inputs.len());
    for (name, input) in &inputs {
        attempt(name, input, run);
    }
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let inputs = inputs.into_iter().map(|(_, input)| input).collect();
    let mut mutator = mutate::Mutator::new(inputs, number("SLIPWAY_FUZZ_SEED", 1));
    for run_number in 0..number("SLIPWAY_FUZZ_RUNS", RUNS) {
        attempt(&format!("mutation {run_number}"), &mutator.next(), run);
    }
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: std::path::PathBuf| (path.display().to_string(), std::fs::read(&path).unwrap());
    paths.into_iter().map(read).collect()
}

fn attempt(name: &str, input: &[u8], run: fn(&[u8])) {
    let begun = Instant::now();
    let outcome = std::panic::catch_unwind(|| run(input));
    let shown = String::from_utf8_lossy(input);
    assert!(outcome.is_ok(), "{name} fails: {shown}");
    assert!(begun.elapsed() < PATIENCE, "{name} takes too long: {shown}");
}

#[test]
fn envelopes() {
    replay("envelope", targets::envelope::run);
}

#[test]
fn where_clauses() {
    replay("where_clause", targets::where_clause::run);
}

#[test]
fn update_operators() {
    replay("update", targets::update::run);
}

#[test]
fn access_control_lists() {
    replay("acl", targets::acl::run);
}
