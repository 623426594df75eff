//! The file form of a price book, and everything that can be wrong with one.

use std::{collections::BTreeMap, fmt::Display};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};

use super::{EnginePrice, MeterPrice, Overage, PriceBook, PriceBookError};
use crate::{Currency, EngineTier, Meter};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BookFile {
    effective_from: NaiveDate,
    currency: Currency,
    #[serde(deserialize_with = "decimal_text")]
    base: Decimal,
    meters: BTreeMap<Meter, MeterFile>,
    engines: BTreeMap<EngineTier, EngineFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeterFile {
    included: u64,
    overage: Option<OverageFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverageFile {
    #[serde(deserialize_with = "decimal_text")]
    price: Decimal,
    per: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EngineFile {
    millicpu: u32,
    memory_mib: u32,
    #[serde(deserialize_with = "decimal_text")]
    price_per_hour: Decimal,
}

/// A TOML number with a point is a binary fraction, which cannot say 4.95.
fn decimal_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    Decimal::from_str_exact(&text)
        .map_err(|_| de::Error::custom(format!("`{text}` is not a decimal number such as \"4.95\"")))
}

pub(super) fn parse(file: &str, text: &str) -> Result<PriceBook, PriceBookError> {
    let book: BookFile = toml::from_str(text).map_err(|error| PriceBookError::Syntax {
        file: file.to_owned(),
        message: error.to_string(),
    })?;
    Check { file }.book(book)
}

/// Knows the file it checks, for the messages.
struct Check<'a> {
    file: &'a str,
}

impl Check<'_> {
    fn book(&self, book: BookFile) -> Result<PriceBook, PriceBookError> {
        if self.file.strip_suffix(".toml") != Some(&book.effective_from.to_string()) {
            return Err(self.wrong("effective_from", "must be the date in the file's name"));
        }
        self.price("base", book.base)?;
        Ok(PriceBook {
            effective_from: book.effective_from,
            currency: book.currency,
            base: book.base,
            meters: self.meters(book.meters)?,
            engines: self.engines(book.engines)?,
        })
    }

    fn meters(
        &self,
        meters: BTreeMap<Meter, MeterFile>,
    ) -> Result<BTreeMap<Meter, MeterPrice>, PriceBookError> {
        if meters.contains_key(&Meter::EngineTime) {
            return Err(self.wrong("meters.engine_time", "is priced by engine, below `engines`"));
        }
        let expected = Meter::ALL.iter().filter(|meter| **meter != Meter::EngineTime);
        if let Some(missing) = expected.into_iter().find(|meter| !meters.contains_key(meter)) {
            return Err(self.wrong(format!("meters.{missing}"), "is missing"));
        }
        meters
            .into_iter()
            .map(|(meter, price)| Ok((meter, self.meter(meter, price)?)))
            .collect()
    }

    fn meter(&self, meter: Meter, price: MeterFile) -> Result<MeterPrice, PriceBookError> {
        let Some(overage) = price.overage else {
            return Ok(MeterPrice {
                included: price.included,
                overage: None,
            });
        };
        let key = format!("meters.{meter}.overage");
        self.price(format!("{key}.price"), overage.price)?;
        if overage.per == 0 {
            return Err(self.wrong(format!("{key}.per"), "must be at least 1"));
        }
        let overage = Overage {
            price: overage.price,
            per: overage.per,
        };
        Ok(MeterPrice {
            included: price.included,
            overage: Some(overage),
        })
    }

    fn engines(
        &self,
        engines: BTreeMap<EngineTier, EngineFile>,
    ) -> Result<BTreeMap<EngineTier, EnginePrice>, PriceBookError> {
        if let Some(missing) = EngineTier::ALL.iter().find(|tier| !engines.contains_key(tier)) {
            return Err(self.wrong(format!("engines.{missing}"), "is missing"));
        }
        engines
            .into_iter()
            .map(|(tier, engine)| Ok((tier, self.engine(tier, engine)?)))
            .collect()
    }

    fn engine(&self, tier: EngineTier, engine: EngineFile) -> Result<EnginePrice, PriceBookError> {
        let EngineFile {
            millicpu,
            memory_mib,
            price_per_hour,
        } = engine;
        for (key, value) in [("millicpu", millicpu), ("memory_mib", memory_mib)] {
            if value == 0 {
                return Err(self.wrong(format!("engines.{tier}.{key}"), "must be at least 1"));
            }
        }
        self.price(format!("engines.{tier}.price_per_hour"), price_per_hour)?;
        Ok(EnginePrice {
            millicpu,
            memory_mib,
            price_per_hour,
        })
    }

    /// A price outside these bounds is a typing error.
    fn price(&self, key: impl Display, price: Decimal) -> Result<(), PriceBookError> {
        if price.is_sign_negative() || price > Decimal::from(1_000_000) {
            return Err(self.wrong(key, format!("is {price}; a price is between 0 and 1000000")));
        }
        if price.scale() > 6 {
            return Err(self.wrong(key, format!("is {price}; a price has at most 6 decimal places")));
        }
        Ok(())
    }

    fn wrong(&self, key: impl Display, problem: impl Into<String>) -> PriceBookError {
        PriceBookError::Value {
            file: self.file.to_owned(),
            key: key.to_string(),
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../prices/2026-11-01.toml");

    /// The message about the good book with one text in it replaced.
    fn error_with(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from} is not in the book");
        parse("2026-11-01.toml", &GOOD.replacen(from, to, 1))
            .expect_err(to)
            .to_string()
    }

    #[test]
    fn an_error_names_the_file_and_the_key() {
        for (from, to, expected) in [
            (
                "base = \"4.95\"",
                "base = \"-1\"",
                "`base` is -1; a price is between 0 and 1000000",
            ),
            (
                "per = 100_000",
                "per = 0",
                "`meters.requests.overage.per` must be at least 1",
            ),
            (
                "\"16.00\"",
                "\"0.0000001\"",
                "`meters.database_storage.overage.price` is 0.0000001; a price has",
            ),
            (
                "[meters.jobs]",
                "[meters.engine_time]",
                "`meters.engine_time` is priced by engine",
            ),
            ("[meters.jobs]\nincluded = 1", "", "`meters.jobs` is missing"),
            (
                "millicpu = 500",
                "millicpu = 0",
                "`engines.s.millicpu` must be at least 1",
            ),
            ("\"0.1096\"", "\"-0.1\"", "`engines.xl.price_per_hour` is -0.1"),
            (
                "\"2026-11-01\"",
                "\"2026-11-02\"",
                "`effective_from` must be the date in the file's name",
            ),
        ] {
            let error = error_with(from, to);
            assert!(
                error.starts_with(&format!("2026-11-01.toml: {expected}")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_missing_engine_is_named() {
        let without = GOOD.split("[engines.xl]").next().expect("a book");
        let error = parse("2026-11-01.toml", without)
            .expect_err("an error")
            .to_string();
        assert_eq!(error, "2026-11-01.toml: `engines.xl` is missing");
    }

    #[test]
    fn what_the_file_cannot_mean_is_a_syntax_error_with_its_place() {
        for (from, to, expected) in [
            (
                "currency = \"USD\"",
                "currency = \"usd\"",
                "unknown variant `usd`",
            ),
            (
                "base = \"4.95\"",
                "base = \"4,95\"",
                "`4,95` is not a decimal number",
            ),
            ("[meters.jobs]", "[meters.lambdas]", "unknown variant `lambdas`"),
            ("included = 1\n", "included = -1\n", "included = -1"),
            ("included = 1\n", "includes = 1\n", "unknown field `includes`"),
            ("millicpu = 250", "", "missing field `millicpu`"),
        ] {
            let error = error_with(from, to);
            assert!(error.contains(expected) && error.contains("line "), "{error}");
        }
    }

    #[test]
    fn a_price_is_text_never_a_binary_fraction() {
        let error = error_with("base = \"4.95\"", "base = 4.95");
        assert!(error.contains("expected a string"), "{error}");
    }
}
