//! Blots out what looks like a secret, in text that is handed to others.
//!
//! The second line of defence: the content of Secrets is never read in the first place.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands where a secret was.
pub const BLOT: &str = "[redacted]";

/// Each finds a secret; what its first group holds stays readable.
static SECRETS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Our keys and tokens: `master_` and 32 characters, `usage_<app>_<40>`.
        r"\b((?:ck|js|rest|master|usage|slip)_)[A-Za-z0-9_]{20,}",
        // Parse's session tokens.
        r"\b(r:)[0-9a-f]{32}\b",
        // The password of a connection string.
        r"([a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@",
        // Signed addresses.
        r#"(https?://[^\s?"']+\?)[^\s"']+"#,
        r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}",
        // name: value and "name": "value", in logs, JSON and YAML.
        r#"(?i)((?:password|passwd|secret|token|api_?key|master_?key|private_?key|kek)["']?[ \t]*[:=][ \t]*["']?)[^\s"',}\]]{4,}"#,
        r"(-----BEGIN )[A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----",
    ]
    .into_iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// `text` without what looks like a secret.
pub fn redact(text: &str) -> String {
    SECRETS.iter().fold(text.to_owned(), |text, secret| {
        let blot = |found: &Captures<'_>| {
            // `automountServiceAccountToken: false` is worth reading.
            if ["true", "false", "null"]
                .iter()
                .any(|plain| found[0].ends_with(plain))
            {
                return found[0].to_owned();
            }
            let at = if found[0].ends_with('@') { "@" } else { "" };
            format!("{}{BLOT}{at}", &found[1])
        };
        secret.replace_all(&text, blot).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_a_valid_one() {
        assert_eq!(SECRETS.len(), 7);
    }

    #[test]
    fn secrets_go_and_their_surroundings_stay() {
        for (text, secret, rest) in [
            (
                "key master_0123456789abcdefABCDEF0123456789 used",
                "0123456789abcdef",
                "used",
            ),
            (
                "usage_01k0000000000000000000000a_0123456789012345678901234567890123456789",
                "0123456789",
                "usage_",
            ),
            (
                "session r:0123456789abcdef0123456789abcdef ended",
                "0123456789abcdef",
                "ended",
            ),
            (
                "mongodb://app_1:p4ss-w0rd@db:27017/app_1",
                "p4ss-w0rd",
                "@db:27017/app_1",
            ),
            (
                "https://s3.example.com/b?X-Amz-Signature=abcdef01",
                "abcdef01",
                "s3.example.com/b",
            ),
            (
                "Authorization: Bearer eyJhbGciOi.J9",
                "eyJhbGciOi",
                "Authorization",
            ),
            (
                r#"{"masterKey": "opensesame", "engine": "s"}"#,
                "opensesame",
                r#""engine": "s""#,
            ),
            ("password=hunter22 user=app", "hunter22", "user=app"),
            (
                "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY----- end",
                "MHcCAQ",
                "end",
            ),
        ] {
            let redacted = redact(text);
            assert!(!redacted.contains(secret), "{redacted}");
            assert!(redacted.contains(rest) && redacted.contains(BLOT), "{redacted}");
        }
    }

    #[test]
    fn ordinary_lines_are_left_alone() {
        for text in [
            "app-01k0000000000000000000000a is Ready in slipway-eu",
            "secretName: runtime",
            "- secret:\n    secretName: runtime",
            "automountServiceAccountToken: false",
            "image: localhost/slipway-runtime@sha256:0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
