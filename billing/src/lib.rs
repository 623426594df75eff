//! What an app costs, and why: prices, the ledger of usage, and the rating that turns one into the other.
//!
//! Everything here is pure. The control plane stores what [`ledger`] books, asks [`PriceBook::for_date`] which prices
//! hold, and calls [`rate`] with an app's usage in a [`Period`] for the month-to-date cost and for the invoice alike:
//! equal inputs give equal bills, for ever. Money is [`Money`], in whole minor units; a line is rounded once.

pub mod ledger;
mod meter;
mod money;
mod period;
mod price_book;
mod rating;

pub use meter::{EngineTier, Meter, UnknownName};
pub use money::{Currency, Money, MoneyError};
pub use period::{Period, PeriodError};
pub use price_book::{EnginePrice, MeterPrice, Overage, PriceBook, PriceBookError};
pub use rating::{Bill, Item, Line, RatingError, Usage, rate};
