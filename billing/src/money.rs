//! Amounts of money in whole minor units, such as cents.
//!
//! Fractions exist only as [`Decimal`] on the way to an amount; [`Money::round`] is the one place where they end.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// Why an amount cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amount is too large")]
    TooLarge,
    #[error("{0} and {1} cannot be added")]
    MixedCurrencies(Currency, Currency),
}

/// A currency we can price in (ISO 4217).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Eur,
    Gbp,
    Jpy,
    Usd,
}

impl Currency {
    /// The three-letter code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Usd => "USD",
        }
    }

    /// Decimal places of the minor unit (ISO 4217): 2 means cents, 0 that there is no smaller coin.
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Eur | Self::Gbp | Self::Usd => 2,
            Self::Jpy => 0,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// An amount in whole minor units of its currency; a credit is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// 495 is $4.95, or ¥495.
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// `amount` of whole `currency`, rounded to its minor unit; half goes away from zero, as on an invoice by hand.
    pub fn round(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let scale = Decimal::from(10_u64.pow(currency.exponent()));
        let minor = amount.checked_mul(scale).ok_or(MoneyError::TooLarge)?;
        let minor = minor.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        minor
            .to_i64()
            .map(|minor| Self::new(minor, currency))
            .ok_or(MoneyError::TooLarge)
    }

    /// The sum, if both are of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The sum of `amounts`, all of `currency`.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts
            .into_iter()
            .try_fold(Self::zero(currency), Self::checked_add)
    }

    /// The amount in whole units of the currency.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }
}

/// `4.95 USD`; how a reader's country writes it is the console's business.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(amount: &str) -> i64 {
        Money::round(amount.parse().expect("a decimal"), Currency::Usd)
            .expect("an amount")
            .minor
    }

    #[test]
    fn half_a_cent_goes_away_from_zero() {
        assert_eq!((cents("0.005"), cents("0.015"), cents("0.025")), (1, 2, 3));
        assert_eq!((cents("-0.005"), cents("-0.015")), (-1, -2));
        assert_eq!(
            (cents("0.0049999999999999"), cents("-0.0049999999999999")),
            (0, 0)
        );
    }

    #[test]
    fn a_currency_without_a_minor_unit_has_no_decimals() {
        let yen = Money::round(Decimal::new(4955, 1), Currency::Jpy).expect("an amount");
        assert_eq!(yen, Money::new(496, Currency::Jpy));
        assert_eq!(yen.to_string(), "496 JPY");
        assert_eq!(Money::new(-5, Currency::Eur).to_string(), "-0.05 EUR");
    }

    #[test]
    fn currencies_do_not_mix() {
        let sum = Money::new(1, Currency::Usd).checked_add(Money::new(1, Currency::Eur));
        assert_eq!(
            sum,
            Err(MoneyError::MixedCurrencies(Currency::Usd, Currency::Eur))
        );
    }

    #[test]
    fn an_amount_beyond_64_bits_is_an_error() {
        assert_eq!(
            Money::round(Decimal::MAX, Currency::Usd),
            Err(MoneyError::TooLarge)
        );
        let most = Money::new(i64::MAX, Currency::Usd);
        assert_eq!(
            most.checked_add(Money::new(1, Currency::Usd)),
            Err(MoneyError::TooLarge)
        );
    }
}
