//! `{"$relativeTime": "3 days ago"}`: moments counted from now.

use serde_json::{Value, json};

use crate::protocol::dates::{self, Millis};
use crate::protocol::error::ParseResult;
use crate::query::constraints::invalid;

const SECOND: i64 = 1000;

/// The date that a text such as `in 1 week 2 days`, `3 hrs ago` or `now` means.
pub fn resolve(time: &Value, now: Millis) -> ParseResult<Value> {
    let text = time.as_str().ok_or_else(|| invalid("bad $relativeTime value, should be a string"))?;
    let at = now.saturating_add(offset(text)?);
    Ok(json!({ "__type": "Date", "iso": dates::to_iso(at) }))
}

fn offset(text: &str) -> ParseResult<i64> {
    let lowered = text.to_lowercase();
    let words: Vec<&str> = lowered.split_whitespace().collect();
    let (sign, amounts) = match words.as_slice() {
        ["now"] => return Ok(0),
        ["in", amounts @ ..] => (1, amounts),
        [amounts @ .., "ago"] => (-1, amounts),
        _ => return Err(invalid("Time should either start with 'in' or end with 'ago'")),
    };
    if amounts.is_empty() || !amounts.len().is_multiple_of(2) {
        return Err(invalid("Invalid time string. Dangling unit or number."));
    }
    let mut total: i64 = 0;
    for pair in amounts.chunks(2) {
        let number: i64 = pair[0].parse().map_err(|_| invalid(&format!("'{}' is not an integer.", pair[0])))?;
        total = total.saturating_add(number.saturating_mul(unit(pair[1])?));
    }
    Ok(sign * total)
}

/// Milliseconds of a unit.
fn unit(name: &str) -> ParseResult<i64> {
    Ok(match name {
        "yr" | "yrs" | "year" | "years" => 365 * 24 * 3600 * SECOND,
        "wk" | "wks" | "week" | "weeks" => 7 * 24 * 3600 * SECOND,
        "d" | "day" | "days" => 24 * 3600 * SECOND,
        "hr" | "hrs" | "hour" | "hours" => 3600 * SECOND,
        "min" | "mins" | "minute" | "minutes" => 60 * SECOND,
        "sec" | "secs" | "second" | "seconds" => SECOND,
        other => return Err(invalid(&format!("Invalid interval: '{other}'"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_before_and_after_now() {
        for (text, expected) in [
            ("now", 0),
            ("in 1 day 2 hrs", 26 * 3600 * SECOND),
            ("3 minutes ago", -180 * SECOND),
            ("1 yr ago", -365 * 24 * 3600 * SECOND),
        ] {
            assert_eq!(offset(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "ago", "3 days", "in", "in 1", "in x days", "in 1 fortnight", "12 ago days"] {
            assert_eq!(offset(text).unwrap_err().code, Some(107), "{text}");
        }
        assert!(resolve(&json!(5), 0).is_err());
    }
}
