//! The public application id of an app, which Parse SDKs send as `X-Parse-Application-Id`.
//!
//! It is made once from the app's first name so that a person recognises it in a snippet, and never changes afterwards.

use crate::{IdSource, secret::random_text};

/// Longest part taken from the name.
const SLUG_LENGTH: usize = 20;
const SUFFIX_LENGTH: usize = 6;
/// No `0` and `1`, which people take for letters.
const SUFFIX_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz23456789";

/// `recipebox-k7m2qd`: the slug of `name`, a hyphen and six random characters (1.5 billion values). The caller
/// keeps it unique: on a collision, ask again.
pub fn application_id(source: &(impl IdSource + ?Sized), name: &str) -> String {
    format!(
        "{}-{}",
        slug(name),
        random_text(source, SUFFIX_ALPHABET, SUFFIX_LENGTH)
    )
}

fn slug(name: &str) -> String {
    let slug: String = name
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(plain)
        .take(SLUG_LENGTH)
        .collect();
    if slug.is_empty() { "app".to_owned() } else { slug }
}

/// A lower-case letter without its accent; nothing for what has no place in an application id.
fn plain(letter: char) -> impl Iterator<Item = char> {
    let mut buffer = [0; 4];
    let plain = match letter {
        'a'..='z' | '0'..='9' => &*letter.encode_utf8(&mut buffer),
        'à'..='ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='õ' | 'ō' | 'ő' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'ù'..='û' | 'ū' | 'ů' | 'ű' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    };
    plain.chars().collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SequentialIds;

    #[test]
    fn the_name_is_recognisable() {
        assert_eq!(slug("Recipe Box 2"), "recipebox2");
        assert_eq!(slug("Fußball für Übungen"), "fussballfueruebungen");
        assert_eq!(slug("Żółta Łódź"), "zoltalodz");
    }

    #[test]
    fn a_long_name_is_cut_and_an_unwritable_one_is_app() {
        assert_eq!(slug(&"x".repeat(60)), "x".repeat(20));
        assert_eq!(slug("料理アプリ"), "app");
        assert_eq!(slug("🚀 - !"), "app");
    }

    #[test]
    fn the_suffix_has_six_characters_nobody_confuses() {
        let source = SequentialIds::default();
        for _ in 0..200 {
            let id = application_id(&source, "Shop");
            let suffix = id.strip_prefix("shop-").expect("the slug");
            assert_eq!(suffix.len(), 6);
            assert!(
                suffix
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'9')),
                "{suffix}"
            );
        }
    }

    #[test]
    fn the_same_name_twice_gives_two_ids() {
        let source = SequentialIds::default();
        assert_ne!(application_id(&source, "Shop"), application_id(&source, "Shop"));
    }
}
