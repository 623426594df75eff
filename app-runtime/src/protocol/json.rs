//! JSON as JavaScript reads it where `serde_json` is stricter: a byte order mark before it, and half a character in a
//! text (a lone surrogate), which is what cutting a text with an emoji in it leaves. Such a half becomes U+FFFD, as it
//! does in the database.

use serde_json::{Error, Value};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a JSON text. Only one that was refused is looked at again.
pub fn parse(json: &[u8]) -> Result<Value, Error> {
    let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
    serde_json::from_slice(json).or_else(|error| match without_lone_surrogates(json) {
        Some(repaired) => serde_json::from_slice(&repaired),
        None => Err(error),
    })
}

/// As long as before, with an escaped U+FFFD in the place of each lone surrogate; `None` if there is none.
fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let mut repaired = None;
    let mut at = 0;
    while at < json.len() {
        at += match (json[at], escaped_unit(json, at)) {
            (b'\\', Some(0xD800..=0xDBFF)) if matches!(escaped_unit(json, at + 6), Some(0xDC00..=0xDFFF)) => {
                12
            }
            (b'\\', Some(0xD800..=0xDFFF)) => {
                let repaired = repaired.get_or_insert_with(|| json.to_vec());
                repaired[at + 2..at + 6].copy_from_slice(b"fffd");
                6
            }
            (b'\\', _) => 2,
            _ => 1,
        };
    }
    repaired
}

/// The UTF-16 unit of the escape `\uXXXX` that begins here.
fn escaped_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    u16::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| is_hex)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn half_a_character_is_replaced_and_whole_ones_are_not() {
        for (text, expected) in [
            (r#""abc\ud83d""#, "abc\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\uDE00\uD83D""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83dabcd""#, "\u{fffd}abcd"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
            (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), json!(expected), "{text}");
        }
        assert_eq!(parse(br#"{"\ud83d": [1]}"#).unwrap(), json!({"\u{fffd}": [1]}));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(parse(b"\xef\xbb\xbf{\"a\":1}").unwrap(), json!({"a": 1}));
        assert!(parse(b"\xef\xbb\xbf\xef\xbb\xbf1").is_err());
    }

    #[test]
    fn what_is_no_json_is_still_none() {
        for text in [
            r#""\ud83""#,
            r#""\ud83d"#,
            r#"{"a":"\ud83d",}"#,
            r"\ud83d",
            r#""\u+123""#,
            r#""\"#,
            "",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
