//! Rating: what an app used in a period, at the prices of a book, becomes a bill.
//!
//! A part of a month is charged its share by the second: of the base price, and of every quota. Overage is proportional;
//! there are no started blocks. Every line keeps the numbers it was computed from, so that it can be explained, and
//! is rounded once; the total is the sum of the rounded lines.

mod lines;
mod usage;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::{EngineTier, Meter, Money, MoneyError, Period, PriceBook};

pub use usage::Usage;

/// Why usage cannot be rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line for {item} cannot be computed: {source}")]
pub struct RatingError {
    pub item: Item,
    pub source: MoneyError,
}

/// What one app owes for one period, before credits and tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// The base, every meter with a price, and the engines that ran, in this order.
    pub lines: Vec<Line>,
    /// The sum of the lines.
    pub total: Money,
}

/// One line of a bill and the numbers behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub item: Item,
    /// What was used, in [`Item::unit`]. Stored bytes are averaged over the whole month, also in a part of one.
    pub quantity: Decimal,
    /// What the base price includes for this period, in the same unit.
    pub included: Decimal,
    /// Price for every `per` units beyond `included`.
    pub price: Decimal,
    pub per: u64,
    /// Rounded to the minor unit, half away from zero.
    pub amount: Money,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    Base,
    Overage(Meter),
    Engine(EngineTier),
}

impl Item {
    /// What the quantity of its line counts.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Base => "months",
            Self::Overage(meter) => meter.unit(),
            Self::Engine(_) => "seconds",
        }
    }
}

/// `base`, the name of a meter, or `engine_` and the tier.
impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Base => f.write_str("base"),
            Self::Overage(meter) => meter.fmt(f),
            Self::Engine(tier) => write!(f, "engine_{tier}"),
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The bill of one app that used `usage` in `period`, at the prices of `book`.
pub fn rate(book: &PriceBook, period: Period, usage: &Usage) -> Result<Bill, RatingError> {
    let meters = Meter::ALL
        .iter()
        .filter_map(|meter| lines::overage(book, period, usage, *meter));
    let engines = usage
        .engines
        .iter()
        .map(|(tier, seconds)| lines::engine(book, *tier, *seconds));
    let lines: Vec<Line> = std::iter::once(lines::base(book, period))
        .chain(meters)
        .chain(engines)
        .collect::<Result<_, _>>()?;
    let total = Money::sum(book.currency, lines.iter().map(|line| line.amount));
    let total = total.map_err(|source| RatingError {
        item: Item::Base,
        source,
    })?;
    Ok(Bill { lines, total })
}
