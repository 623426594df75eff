//! The names of tests, for the lists that name them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The names of all test functions of the crate and of its settings.
pub fn tests() -> BTreeSet<String> {
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
