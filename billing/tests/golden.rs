//! Bills worked out by hand, one file each. A change in any of them is a change in what people pay.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fs, path::Path};

use billing::{EngineTier, Money, Period, PriceBook, Usage, ledger::ByteSeconds, rate};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    /// Says what the case shows; printed when it fails.
    title: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    usage: GoldenUsage,
    /// Amount by line, every line of the bill.
    lines: BTreeMap<String, Decimal>,
    total: Decimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct GoldenUsage {
    requests: u64,
    data_transfer: u64,
    /// Bytes held during the whole period.
    file_storage: u64,
    database_storage: u64,
    engines: Vec<Engine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Engine {
    tier: EngineTier,
    replicas: u64,
    seconds: u64,
}

impl GoldenUsage {
    fn during(&self, period: Period) -> Usage {
        let seconds = u64::from(period.seconds());
        let mut engines = BTreeMap::new();
        for Engine {
            tier,
            replicas,
            seconds,
        } in &self.engines
        {
            *engines.entry(*tier).or_default() += replicas * seconds;
        }
        Usage {
            requests: self.requests,
            data_transfer: self.data_transfer,
            file_storage: ByteSeconds::held(self.file_storage, seconds),
            database_storage: ByteSeconds::held(self.database_storage, seconds),
            engines,
        }
    }
}

fn check(golden: &Golden) {
    let period = Period::new(golden.start, golden.end).unwrap();
    let book = PriceBook::for_date(period.start().date_naive()).unwrap();
    let bill = rate(book, period, &golden.usage.during(period)).unwrap();

    let lines: BTreeMap<_, _> = bill
        .lines
        .iter()
        .map(|line| (line.item.to_string(), line.amount.to_decimal()))
        .collect();
    assert_eq!(
        lines.len(),
        bill.lines.len(),
        "{}: two lines of one name",
        golden.title
    );
    assert_eq!(lines, golden.lines, "{}", golden.title);
    assert_eq!(
        bill.total,
        Money::round(golden.total, book.currency).unwrap(),
        "{}",
        golden.title
    );
}

#[test]
fn every_golden_bill_comes_out_as_worked_by_hand() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let golden = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        check(&golden);
        checked += 1;
    }
    assert!(checked >= 8, "only {checked} golden bills were found");
}
