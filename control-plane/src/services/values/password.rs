//! New passwords, judged by zxcvbn (Wheeler, USENIX Security 2016) rather than by kinds of characters.

use secrecy::{ExposeSecret, SecretString};
use zxcvbn::{Score, zxcvbn};

const SHORTEST: usize = 10;
const LONGEST: usize = 256;

/// A password strong enough to be set: 10 to 256 characters, hard to guess even knowing `about`.
#[derive(Debug)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// `about` is what a guesser tries first: the person's e-mail and organization.
    pub fn parse(password: &SecretString, about: &[&str]) -> Result<Self, String> {
        let text = password.expose_secret();
        match text.chars().count() {
            0..SHORTEST => Err(format!("must be at least {SHORTEST} characters.")),
            SHORTEST..=LONGEST => judge(text, about).map(|()| Self(password.clone())),
            _ => Err(format!("must be at most {LONGEST} characters.")),
        }
    }

    /// The password, to be hashed.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

fn judge(text: &str, about: &[&str]) -> Result<(), String> {
    let estimate = zxcvbn(text, about);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let feedback = estimate.feedback();
    let warning = feedback
        .and_then(|feedback| feedback.warning())
        .map(|warning| format!(" {warning}"));
    Err(format!(
        "is too easy to guess.{} Use four or more unrelated words, or let a password manager make one.",
        warning.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NewPassword, String> {
        NewPassword::parse(&text.into(), &["ada@example.com", "Analytical Engines"])
    }

    #[test]
    fn unrelated_words_are_a_good_password() {
        assert!(parse("otter violin granite march").is_ok());
    }

    #[test]
    fn short_long_and_guessable_ones_are_refused_with_advice() {
        assert!(parse("xK9$qz").expect_err("short").contains("at least 10"));
        assert!(
            parse(&"x7".repeat(129))
                .expect_err("long")
                .contains("at most 256")
        );
        for guessable in [
            "password123",
            "1234567890",
            "qwertyuiop",
            "ada@example.com",
            "aaaaaaaaaaaa",
        ] {
            assert!(
                parse(guessable).expect_err(guessable).contains("four or more"),
                "{guessable}"
            );
        }
    }
}
