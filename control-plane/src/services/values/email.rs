//! E-mail addresses, lower-cased: two spellings of one address are one account.

/// An address such as `you@example.com`: ASCII, lower-case, at most 254 characters (RFC 5321).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks the form only; whether anybody reads it, a mail finds out.
    pub fn parse(text: &str) -> Result<Self, String> {
        let email = text.trim().to_ascii_lowercase();
        let valid = email.len() <= 254
            && email
                .split_once('@')
                .is_some_and(|(person, host)| is_person(person) && is_host(host));
        if valid {
            Ok(Self(email))
        } else {
            Err("must be an address such as you@example.com.".to_owned())
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_person(person: &str) -> bool {
    (1..=64).contains(&person.len())
        && person
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"@\"(),:;<>[\\]".contains(&byte))
        && !person.starts_with('.')
        && !person.ends_with('.')
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.contains('.') && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_make_another_address() {
        let email = Email::parse(" Ada.Lovelace+1@Example.ORG ").expect("valid");
        assert_eq!(email.as_str(), "ada.lovelace+1@example.org");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let wrong = [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@host",
            "a da@example.com",
            "ada@exa mple.com",
            "ada@@example.com",
            "ada@example..com",
            "ada@-example.com",
            "ada\u{0}@example.com",
            "añá@example.com",
            ".ada@example.com",
            long.as_str(),
        ];
        for text in wrong {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }
}
