//! The books in `prices/`, compiled in, so that a binary can rate every month since the first.

use std::sync::LazyLock;

use super::PriceBook;

/// File name and text, oldest first.
const FILES: &[(&str, &str)] = &[("2026-11-01.toml", include_str!("../../prices/2026-11-01.toml"))];

static BOOKS: LazyLock<Vec<PriceBook>> = LazyLock::new(|| {
    let parse = |(file, text): &(&str, &str)| {
        PriceBook::parse(file, text).unwrap_or_else(|error| panic!("the tests check embedded books: {error}"))
    };
    FILES.iter().map(parse).collect()
});

pub(super) fn books() -> &'static [PriceBook] {
    &BOOKS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{collections::BTreeMap, fs, path::Path};

    use chrono::NaiveDate;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{EngineTier, Meter, PriceBookError};

    fn prices(file: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("prices").join(file)
    }

    /// The list changes only when a book is added. If this fails on a book whose day has come, put the prices into a
    /// new file instead: bills of the past must come out the same.
    #[test]
    fn no_book_has_changed_since_it_was_published() {
        let published = fs::read_to_string(prices("SHA256SUMS")).unwrap();
        let published: BTreeMap<_, _> = published
            .lines()
            .map(|line| line.split_once("  ").unwrap())
            .map(|(sum, file)| (file, sum))
            .collect();
        assert_eq!(published.len(), FILES.len());
        for (file, text) in FILES {
            let sum: String = Sha256::digest(text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(published.get(file), Some(&sum.as_str()), "{file}");
        }
    }

    #[test]
    fn every_file_in_the_folder_is_embedded_oldest_first() {
        let mut in_folder: Vec<_> = fs::read_dir(prices(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".toml"))
            .collect();
        in_folder.sort();
        let embedded: Vec<_> = FILES.iter().map(|(file, _)| *file).collect();
        assert_eq!(in_folder, embedded);
        assert!(books().is_sorted_by(|a, b| a.effective_from < b.effective_from));
    }

    #[test]
    fn the_book_of_a_day_is_the_newest_that_has_begun() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
        assert_eq!(PriceBook::for_date(first).unwrap().effective_from, first);
        assert_eq!(
            PriceBook::for_date(first + chrono::Days::new(29))
                .unwrap()
                .effective_from,
            first
        );
        let date = first.pred_opt().unwrap();
        assert_eq!(
            PriceBook::for_date(date),
            Err(PriceBookError::BeforeFirst { date, first })
        );
    }

    #[test]
    fn the_first_book_says_what_we_advertise() {
        let book = &books()[0];
        assert_eq!(book.base.to_string(), "4.95");
        assert_eq!(book.included(Meter::Requests), Some(1_000_000));
        assert_eq!(book.included(Meter::FileStorage), Some(40_000_000_000));
        assert_eq!(book.included(Meter::DatabaseStorage), Some(1_000_000_000));
        assert_eq!(book.included(Meter::DataTransfer), Some(500_000_000_000));
        assert_eq!(book.included(Meter::Jobs), Some(1));
        assert_eq!(book.included(Meter::EngineTime), None);
        assert!(book.engine(EngineTier::Dev).price_per_hour.is_zero());
        assert_eq!(book.engine(EngineTier::Xl).price_per_hour.to_string(), "0.1096");
    }
}
