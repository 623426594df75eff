//! The arithmetic of single lines.
//!
//! Quantities are multiplied by the seconds of the month instead of dividing quotas by them: everything up to the price
//! is a whole number, and the only division of a line comes last.

use rust_decimal::Decimal;

use super::{Item, Line, RatingError, Usage};
use crate::{EngineTier, Meter, Money, MoneyError, Overage, Period, PriceBook};

/// The base price for the share of the month that `period` is.
pub(super) fn base(book: &PriceBook, period: Period) -> Result<Line, RatingError> {
    let (seconds, month) = (
        Decimal::from(period.seconds()),
        Decimal::from(period.month_seconds()),
    );
    let (quantity, included) = (seconds / month, Decimal::ZERO);
    let amount = amount(book, book.base, seconds, month);
    line(
        Item::Base,
        quantity,
        included,
        Overage {
            price: book.base,
            per: 1,
        },
        amount,
    )
}

/// What was used of `meter` beyond the share of its quota. None if the book has no price for more of it.
pub(super) fn overage(
    book: &PriceBook,
    period: Period,
    usage: &Usage,
    meter: Meter,
) -> Option<Result<Line, RatingError>> {
    let price = book.meter(meter)?;
    let overage = price.overage?;
    let used = usage.over_a_month(meter, period.month_seconds())?;
    let quota = u128::from(price.included) * u128::from(period.seconds());
    Some(overage_line(
        book,
        Item::Overage(meter),
        overage,
        [used, quota],
        period.month_seconds(),
    ))
}

fn overage_line(
    book: &PriceBook,
    item: Item,
    overage: Overage,
    [used, quota]: [u128; 2],
    month_seconds: u32,
) -> Result<Line, RatingError> {
    let whole = |number| whole(number).map_err(|source| RatingError { item, source });
    let month = Decimal::from(month_seconds);
    let beyond = whole(used.saturating_sub(quota))?;
    let amount = amount(book, overage.price, beyond, Decimal::from(overage.per) * month);
    line(item, whole(used)? / month, whole(quota)? / month, overage, amount)
}

/// `seconds` of running replicas of an engine.
pub(super) fn engine(book: &PriceBook, tier: EngineTier, seconds: u64) -> Result<Line, RatingError> {
    const HOUR: u64 = 3_600;
    let (price, quantity) = (book.engine(tier).price_per_hour, Decimal::from(seconds));
    let amount = amount(book, price, quantity, Decimal::from(HOUR));
    line(
        Item::Engine(tier),
        quantity,
        Decimal::ZERO,
        Overage { price, per: HOUR },
        amount,
    )
}

/// `price` times `quantity` divided by `per`, rounded. `per` is never zero: months have seconds, books are checked.
fn amount(book: &PriceBook, price: Decimal, quantity: Decimal, per: Decimal) -> Result<Money, MoneyError> {
    let product = price
        .checked_mul(quantity)
        .and_then(|product| product.checked_div(per));
    Money::round(product.ok_or(MoneyError::TooLarge)?, book.currency)
}

fn line(
    item: Item,
    quantity: Decimal,
    included: Decimal,
    Overage { price, per }: Overage,
    amount: Result<Money, MoneyError>,
) -> Result<Line, RatingError> {
    let amount = amount.map_err(|source| RatingError { item, source })?;
    Ok(Line {
        item,
        quantity,
        included,
        price,
        per,
        amount,
    })
}

fn whole(number: u128) -> Result<Decimal, MoneyError> {
    let number = i128::try_from(number).map_err(|_| MoneyError::TooLarge)?;
    Decimal::try_from_i128_with_scale(number, 0).map_err(|_| MoneyError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ledger::ByteSeconds, rate};

    #[test]
    fn usage_beyond_every_number_is_an_error_that_names_the_line() {
        let period = Period::month(2026, 11).expect("a month");
        let book = PriceBook::for_date(period.start().date_naive()).expect("a book");
        let usage = Usage {
            file_storage: ByteSeconds(u128::MAX),
            ..Usage::default()
        };
        let error = rate(book, period, &usage).expect_err("an error").to_string();
        assert_eq!(
            error,
            "the line for file_storage cannot be computed: the amount is too large"
        );
    }

    #[test]
    fn a_line_shows_the_numbers_behind_it() {
        let period = Period::month(2026, 11).expect("a month");
        let book = PriceBook::for_date(period.start().date_naive()).expect("a book");
        let usage = Usage {
            requests: 3_000_000,
            ..Usage::default()
        };
        let line = overage(book, period, &usage, Meter::Requests)
            .expect("a priced meter")
            .expect("a line");
        assert_eq!(
            (line.quantity, line.included),
            (3_000_000.into(), 1_000_000.into())
        );
        assert_eq!((line.price.to_string().as_str(), line.per), ("0.30", 100_000));
        assert_eq!(line.amount.to_string(), "6.00 USD");
        let json = serde_json::to_value(&line).expect("json");
        assert_eq!(
            (&json["item"], &json["price"]),
            (&"requests".into(), &"0.30".into())
        );
        assert_eq!(
            json["amount"],
            serde_json::json!({ "minor": 600, "currency": "USD" })
        );
    }
}
