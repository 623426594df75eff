//! Has cargo build again when something that macros read has changed: the migrations, the offline data of the
//! queries, and the console.

use std::{fs, path::Path};

fn main() {
    let console = Path::new("../web-console/dist");
    // A path that is missing counts as changed at every build; an empty folder does not.
    if let Err(error) = fs::create_dir_all(console) {
        println!(
            "cargo::warning=the console cannot be embedded: {}: {error}",
            console.display()
        );
    }
    for path in [Path::new("migrations"), Path::new(".sqlx"), console] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}
