//! Names of apps, organizations and tokens.

/// A name of 1 to 60 characters, trimmed, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Trims and checks.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.trim();
        if name.chars().any(is_unprintable) {
            return Err("must not contain control characters.".to_owned());
        }
        match name.chars().count() {
            0 => Err("must not be empty.".to_owned()),
            1..=60 => Ok(Self(name.to_owned())),
            _ => Err("must be at most 60 characters.".to_owned()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, line separators, and marks that turn the direction of the text around them.
fn is_unprintable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_counts_characters_not_bytes() {
        assert_eq!(
            Name::parse("  Recipe Box ").expect("valid").as_str(),
            "Recipe Box"
        );
        assert!(Name::parse(&"日".repeat(60)).is_ok());
        assert!(Name::parse(&"日".repeat(61)).is_err());
    }

    #[test]
    fn what_cannot_be_shown_on_one_line_is_refused() {
        for text in ["", "   ", "a\u{0}b", "a\nb", "a\u{202e}b", "a\u{7f}b"] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }
}
