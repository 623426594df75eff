//! ISO 8601 instants in the one form Parse writes: `2026-11-21T10:14:00.000Z`.

mod loose;
mod tokens;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// Milliseconds since 1970, the precision both of JavaScript dates and of BSON.
pub type Millis = i64;

/// Appends `millis` as `YYYY-MM-DDTHH:mm:ss.sssZ` without an intermediate string.
/// Instants outside the years 0 to 9999 take JavaScript's expanded form (`+010000-…`).
pub fn write_iso(millis: Millis, out: &mut Vec<u8>) {
    let Some(date) = DateTime::<Utc>::from_timestamp_millis(millis) else {
        out.extend_from_slice(b"1970-01-01T00:00:00.000Z");
        return;
    };
    match date.year() {
        year @ 0..=9999 => digits(year.unsigned_abs(), 4, out),
        year => {
            out.push(if year < 0 { b'-' } else { b'+' });
            digits(year.unsigned_abs(), 6, out);
        }
    }
    for (separator, value, width) in [
        (b'-', date.month(), 2),
        (b'-', date.day(), 2),
        (b'T', date.hour(), 2),
        (b':', date.minute(), 2),
        (b':', date.second(), 2),
        (b'.', date.timestamp_subsec_millis(), 3),
    ] {
        out.push(separator);
        digits(value, width, out);
    }
    out.push(b'Z');
}

fn digits(value: u32, width: u32, out: &mut Vec<u8>) {
    for position in (0..width).rev() {
        let digit = value / 10_u32.pow(position) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or(0));
    }
}

/// `millis` as a `String`; see [`write_iso`].
pub fn to_iso(millis: Millis) -> String {
    let mut out = Vec::with_capacity(24);
    write_iso(millis, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Whether [`write_iso`] can write this moment; it knows fewer years than JavaScript.
pub fn is_writable(millis: Millis) -> bool {
    DateTime::<Utc>::from_timestamp_millis(millis).is_some()
}

/// Reads whatever JavaScript's `Date` does, as Parse Server does with what comes as a Date.
pub fn parse(text: &str) -> Option<Millis> {
    parse_iso(text).or_else(|| loose::parse(text))
}

/// Reads what SDKs send: RFC 3339 with any offset and precision, a missing zone (taken as UTC) or a bare date.
/// Sub-millisecond digits are cut off, as JavaScript does.
pub fn parse_iso(text: &str) -> Option<Millis> {
    if text.len() > 40 {
        return None;
    }
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Some(date.timestamp_millis());
    }
    if let Ok(date) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(date.and_utc().timestamp_millis());
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_exactly_the_javascript_form() {
        assert_eq!(to_iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(to_iso(1_763_720_040_007), "2025-11-21T10:14:00.007Z");
        assert_eq!(to_iso(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(to_iso(253_402_300_800_000), "+010000-01-01T00:00:00.000Z");
    }

    #[test]
    fn reads_offsets_and_short_forms() {
        assert_eq!(
            parse_iso("2025-11-21T11:14:00.007+01:00"),
            Some(1_763_720_040_007)
        );
        assert_eq!(parse_iso("2025-11-21T10:14:00.007"), Some(1_763_720_040_007));
        assert_eq!(parse_iso("1970-01-02"), Some(86_400_000));
        assert_eq!(parse_iso("yesterday"), None);
        assert_eq!(parse_iso("2025-13-01T00:00:00.000Z"), None);
    }
}
