//! Sizes written for people, such as `20mb`: 1024-based, any case, as the `bytes` package of Express reads them.

const UNITS: [(&str, u64); 5] = [
    ("kb", 1 << 10),
    ("mb", 1 << 20),
    ("gb", 1 << 30),
    ("tb", 1 << 40),
    ("b", 1),
];

/// The size in bytes, or `None` when the text is no size.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim().to_lowercase();
    let (number, factor) = UNITS
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number.trim_end(), *factor)))
        .unwrap_or((text.as_str(), 1));
    if !number
        .chars()
        .all(|character| character.is_ascii_digit() || character == '.')
    {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    // A fraction of a byte is dropped; the cast saturates far above any size that could be meant.
    Some((number * factor as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_count_in_powers_of_1024() {
        assert_eq!(parse("20mb"), Some(20 * 1024 * 1024));
        assert_eq!(parse("1.5 KB"), Some(1536));
        assert_eq!(parse("1gb"), Some(1 << 30));
        assert_eq!(parse("7b"), Some(7));
        assert_eq!(parse("1048576"), Some(1_048_576));
    }

    #[test]
    fn anything_else_is_no_size() {
        for text in ["", "mb", "-1mb", "20 megabytes", "1e3", "inf", "1.2.3kb"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
