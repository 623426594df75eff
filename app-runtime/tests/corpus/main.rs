//! The fuzzers' inputs (`fuzz/corpus`), played once more: those written by hand, those found to reach code that no other
//! does, and each that ever failed. `fuzz/README.md` says how
//! to look for more.
#![allow(clippy::unwrap_used, reason = "a panic is a test's report")]

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;
use std::time::{Duration, Instant};

/// Longest that one input may take, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(5);

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut played = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = std::fs::read(&path).unwrap();
        let begun = Instant::now();
        let outcome = std::panic::catch_unwind(|| run(&input));
        assert!(outcome.is_ok(), "{} fails", path.display());
        assert!(begun.elapsed() < PATIENCE, "{} takes too long", path.display());
        played += 1;
    }
    assert!(played >= 20, "only {played} inputs in {}", folder.display());
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
