//! All prices and quotas, as dated books compiled into the binary.
//!
//! [`PriceBook::for_date`] finds the book that held on a day. A file in `prices/` becomes a [`PriceBook`] only if
//! it passes every check, and an error names the file and the key that is wrong.

mod embedded;
mod file;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{Currency, EngineTier, Meter};

/// Why a price book cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceBookError {
    #[error("{file}: {message}")]
    Syntax { file: String, message: String },
    #[error("{file}: `{key}` {problem}")]
    Value {
        file: String,
        key: String,
        problem: String,
    },
    #[error("no price book holds on {date}: the first one begins on {first}")]
    BeforeFirst { date: NaiveDate, first: NaiveDate },
}

/// The prices and quotas that hold from one day until the next book begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceBook {
    /// The first UTC day of its validity; also its name and version.
    pub effective_from: NaiveDate,
    /// The currency of every price in it.
    pub currency: Currency,
    /// For one app and one whole month.
    pub base: Decimal,
    meters: BTreeMap<Meter, MeterPrice>,
    engines: BTreeMap<EngineTier, EnginePrice>,
}

/// What the base price includes of a meter, and what more of it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterPrice {
    /// Included in a whole month, in the meter's unit.
    pub included: u64,
    /// None: there is no more to be had, the quota is a limit.
    pub overage: Option<Overage>,
}

/// `price` for every `per` units beyond the quota, in proportion; there are no started blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overage {
    pub price: Decimal,
    pub per: u64,
}

/// One replica of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnginePrice {
    /// Thousandths of a CPU.
    pub millicpu: u32,
    pub memory_mib: u32,
    /// Billed by the second; zero when the base price includes it.
    pub price_per_hour: Decimal,
}

impl PriceBook {
    /// The book that holds on the UTC day `date`.
    pub fn for_date(date: NaiveDate) -> Result<&'static Self, PriceBookError> {
        let books = embedded::books();
        let first = books.first().map(|book| book.effective_from).unwrap_or_default();
        let held = books.iter().rev().find(|book| book.effective_from <= date);
        held.ok_or(PriceBookError::BeforeFirst { date, first })
    }

    /// Reads and checks the text of `file`, whose name must be the date of the book.
    pub fn parse(file: &str, text: &str) -> Result<Self, PriceBookError> {
        file::parse(file, text)
    }

    /// The quota and price of a meter; none for [`Meter::EngineTime`], which is priced by engine.
    pub fn meter(&self, meter: Meter) -> Option<&MeterPrice> {
        self.meters.get(&meter)
    }

    /// What a whole month includes of `meter`, in its unit; none where there is no quota.
    pub fn included(&self, meter: Meter) -> Option<u64> {
        self.meter(meter).map(|price| price.included)
    }

    /// Size and price of an engine. Every book has all of them.
    pub fn engine(&self, tier: EngineTier) -> &EnginePrice {
        &self.engines[&tier]
    }
}
