//! What must hold for every bill.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use billing::{Bill, EngineTier, Item, Money, Period, PriceBook, Usage, ledger::ByteSeconds, rate};
use chrono::TimeDelta;
use proptest::{collection::btree_map, prelude::*, sample::select};

fn book() -> &'static PriceBook {
    PriceBook::for_date(month().start().date_naive()).unwrap()
}

fn month() -> Period {
    Period::month(2026, 11).unwrap()
}

fn bill(period: Period, usage: &Usage) -> Bill {
    rate(book(), period, usage).unwrap()
}

/// A cut somewhere inside the month.
fn split() -> impl Strategy<Value = (Period, Period)> {
    (1..i64::from(month().seconds()))
        .prop_map(|at| month().split(month().start() + TimeDelta::seconds(at)).unwrap())
}

fn usage() -> impl Strategy<Value = Usage> {
    let engines = btree_map(select(EngineTier::ALL), 0..10_000_000_u64, 0..=5);
    let counts = (0..50_000_000_u64, 0..5_000_000_000_000_u64);
    let levels = (0..500_000_000_000_u64, 0..50_000_000_000_u64);
    (counts, levels, engines).prop_map(|((requests, data_transfer), (files, database), engines)| Usage {
        requests,
        data_transfer,
        file_storage: ByteSeconds::held(files, u64::from(month().seconds())),
        database_storage: ByteSeconds::held(database, u64::from(month().seconds())),
        engines,
    })
}

/// The share of `usage` that fell into `part`, if it was spread evenly, and the rest.
fn spread(usage: &Usage, part: Period) -> (Usage, Usage) {
    let share = |all: u128| all * u128::from(part.seconds()) / u128::from(month().seconds());
    let count = |all: u64| u64::try_from(share(u128::from(all))).unwrap();
    let before = Usage {
        requests: count(usage.requests),
        data_transfer: count(usage.data_transfer),
        file_storage: ByteSeconds(share(usage.file_storage.0)),
        database_storage: ByteSeconds(share(usage.database_storage.0)),
        engines: usage
            .engines
            .iter()
            .map(|(tier, seconds)| (*tier, count(*seconds)))
            .collect(),
    };
    let after = Usage {
        requests: usage.requests - before.requests,
        data_transfer: usage.data_transfer - before.data_transfer,
        file_storage: ByteSeconds(usage.file_storage.0 - before.file_storage.0),
        database_storage: ByteSeconds(usage.database_storage.0 - before.database_storage.0),
        engines: usage
            .engines
            .iter()
            .map(|(tier, seconds)| (*tier, seconds - before.engines[tier]))
            .collect(),
    };
    (before, after)
}

fn by_item(bill: &Bill) -> BTreeMap<String, i64> {
    bill.lines
        .iter()
        .map(|line| (line.item.to_string(), line.amount.minor))
        .collect()
}

proptest! {
    #[test]
    fn the_total_is_the_sum_of_the_lines(usage in usage()) {
        let bill = bill(month(), &usage);
        let sum = bill.lines.iter().map(|line| line.amount.minor).sum();
        prop_assert_eq!(bill.total, Money::new(sum, book().currency));
        prop_assert!(bill.lines.iter().all(|line| line.amount.minor >= 0));
    }

    #[test]
    fn splitting_even_usage_moves_no_line_by_more_than_a_cent((first, second) in split(), usage in usage()) {
        let (before, after) = spread(&usage, first);
        let (one, two) = (by_item(&bill(first, &before)), by_item(&bill(second, &after)));
        for (item, whole) in by_item(&bill(month(), &usage)) {
            let parts = one[&item] + two[&item];
            prop_assert!((whole - parts).abs() <= 1, "{item}: {whole} in one piece, {parts} in two");
        }
    }

    #[test]
    fn a_quiet_half_does_not_pay_for_a_busy_one((first, second) in split(), usage in usage()) {
        // Quotas are shares of the month, so usage packed into one part can only cost more than spread over both.
        let parts = bill(first, &usage).total.minor + bill(second, &Usage::default()).total.minor;
        prop_assert!(parts + 6 >= bill(month(), &usage).total.minor);
    }

    #[test]
    fn more_usage_never_costs_less(usage in usage(), more in 0..10_000_000_u64) {
        let mut larger = usage.clone();
        larger.requests += more;
        larger.data_transfer += more;
        larger.file_storage += ByteSeconds(u128::from(more) * 1_000_000);
        prop_assert!(bill(month(), &larger).total.minor >= bill(month(), &usage).total.minor);
    }

    #[test]
    fn every_line_follows_from_the_numbers_it_shows(usage in usage()) {
        for line in bill(month(), &usage).lines {
            let beyond = (line.quantity - line.included).max(rust_decimal::Decimal::ZERO);
            let amount = beyond * line.price / rust_decimal::Decimal::from(line.per);
            prop_assert_eq!(line.amount, Money::round(amount, book().currency).unwrap(), "{}", line.item);
            prop_assert!(line.item != Item::Base || line.amount.minor == 495);
        }
    }
}
