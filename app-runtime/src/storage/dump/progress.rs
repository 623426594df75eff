//! One line a collection on stderr, and one every few seconds while a large one is on its way.

use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(3);

/// Documents and bytes of one collection so far, or those of files.
pub(super) struct Progress {
    collection: String,
    doing: &'static str,
    unit: &'static str,
    pub(super) documents: u64,
    pub(super) bytes: u64,
    said: Instant,
}

impl Progress {
    /// `doing`: "dumping", for example.
    pub(super) fn new(collection: &str, doing: &'static str) -> Self {
        Self::of(collection, doing, "documents")
    }

    /// Of something else than documents.
    pub(super) fn of(collection: &str, doing: &'static str, unit: &'static str) -> Self {
        Self {
            collection: collection.to_owned(),
            doing,
            unit,
            documents: 0,
            bytes: 0,
            said: Instant::now(),
        }
    }

    /// What an earlier try has done counts, too.
    pub(super) fn resume(&mut self, documents: u64, bytes: u64) {
        (self.documents, self.bytes) = (documents, bytes);
        eprintln!(
            "{}: {} goes on after {}",
            self.collection,
            self.doing,
            self.amount()
        );
    }

    /// Counts some more, and says so from time to time.
    pub(super) fn add(&mut self, documents: usize, bytes: usize) {
        self.documents += documents as u64;
        self.bytes += bytes as u64;
        if self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            eprintln!("{}: {}, {} so far", self.collection, self.doing, self.amount());
        }
    }

    /// The last line: `done` is "dumped", for example.
    pub(super) fn finish(&self, done: &str) {
        eprintln!("{}: {done}, {}", self.collection, self.amount());
    }

    fn amount(&self) -> String {
        format!("{} {}, {}", self.documents, self.unit, readable(self.bytes))
    }
}

/// `1.5 MiB`.
pub(super) fn readable(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let step = (1..=units.len()).rev().find(|step| bytes >> (10 * step) > 0);
    step.map_or_else(
        || format!("{bytes} bytes"),
        |step| {
            format!(
                "{:.1} {}",
                bytes as f64 / f64::powi(1024.0, step as i32),
                units[step - 1]
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn sizes_are_readable() {
        let cases = [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1536, "1.5 KiB"),
            (5 << 30, "5.0 GiB"),
            (3 << 50, "3072.0 TiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(readable(bytes), expected);
        }
    }
}
