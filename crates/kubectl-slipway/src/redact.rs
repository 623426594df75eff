//! Blots out what looks like a secret, in text that is handed to others.
//!
//! The second line of defence: the content of Secrets is never read in the first place.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

/// What stands where a secret was.
pub const BLOT: &str = "[redacted]";

/// Names of fields that hold secrets, also as the end of longer ones: `clientSecret`, `X-Parse-Master-Key`.
const NAMES: &str = "(?:password|passwd|passphrase|secret|token|kek|\
    (?:api|master|private|access|rest|client|javascript|net|maintenance|file|webhook|encryption|signing|secret)[-_]?key)";

/// The name of a field that holds a secret, or of one that holds a list of them.
static NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("(?i){NAMES}(?<plural>s?)$")).ok());

/// Each finds a secret. What its first group holds stays readable; the group `value` is one that may be no secret.
static SECRETS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // First: the others would take the beginning away and leave the key. One that was cut off has no end.
        r"(-----BEGIN )[A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\]*)".to_owned(),
        // Our keys and tokens: `master_` and 32 characters, `usage_<app>_<40>`.
        r"\b((?:ck|js|rest|master|usage|slip)_)[A-Za-z0-9_]{20,}".to_owned(),
        // Parse's session tokens.
        r"\b(r:)[0-9a-f]{32}\b".to_owned(),
        // The password of a connection string.
        r"([a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@".to_owned(),
        // Signed addresses.
        r#"(https?://[^\s?"']+\?)[^\s"']+"#.to_owned(),
        r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}".to_owned(),
        // A line of YAML: all of it is the value.
        format!(r#"(?im)^([ \t]*(?:- )?[\w.-]*{NAMES}:[ \t]+)(?<value>[^\s"'{{}}\[\]|>&*!][^\n]*)$"#),
        // name=value and "name": "value", in logs and JSON, also JSON within a string of JSON.
        format!(
            r#"(?i)({NAMES}\\*["']?[ \t]*[:=][ \t]*)(?<value>\\+"[^\n]*?\\+"|"(?:[^"\\\n]|\\.)+"?|'[^'\n]+'?|[^\s"'\\,{{}}\[\]][^\s"',}}\]]{{3,}})"#
        ),
        // A list of texts under such a name or its plural. Lists of objects, such as `imagePullSecrets`, hold names.
        format!(r#"(?i)({NAMES}s?\\*["']?[ \t]*[:=][ \t]*)(?<value>\[\s*\\*["'][^\]]*\]?)"#),
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// Blots out what is a secret by its place in an object, which [`redact`] cannot tell from a line: the values of environment
/// variables, and texts below a name of secrets.
pub fn blot_values(object: &mut Value) {
    match object {
        Value::Array(items) => items.iter_mut().for_each(blot_values),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Array(entries) if name == "env" => {
                        let values = entries.iter_mut().filter_map(|entry| entry.get_mut("value"));
                        values.for_each(|value| *value = BLOT.into());
                    }
                    Value::Array(entries) if is_name(name, true) => {
                        let texts = entries.iter_mut().filter(|entry| entry.is_string());
                        texts.for_each(|text| *text = BLOT.into());
                    }
                    Value::String(text) if is_name(name, false) => BLOT.clone_into(text),
                    _ => {}
                }
                blot_values(value);
            }
        }
        _ => {}
    }
}

fn is_name(name: &str, or_plural: bool) -> bool {
    let found = NAME.as_ref().and_then(|pattern| pattern.captures(name));
    found.is_some_and(|found| or_plural || found["plural"].is_empty())
}

/// `text` without what looks like a secret.
pub fn redact(text: &str) -> String {
    SECRETS.iter().fold(text.to_owned(), |text, secret| {
        secret.replace_all(&text, blot).into_owned()
    })
}

fn blot(found: &Captures<'_>) -> String {
    let Some(value) = found.name("value") else {
        let at = if found[0].ends_with('@') { "@" } else { "" };
        return format!("{}{BLOT}{at}", &found[1]);
    };
    let value = value.as_str();
    let bare = value.trim_matches(['\\', '"', '\'']);
    // `automountServiceAccountToken: false` is worth reading.
    if ["true", "false", "null"].contains(&bare.trim()) {
        return found[0].to_owned();
    }
    let quote = &value[..value.len() - value.trim_start_matches(['\\', '"', '\'']).len()];
    format!("{}{quote}{BLOT}{quote}", &found[1])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_pattern_is_a_valid_one() {
        assert_eq!(SECRETS.len(), 9);
        assert!(NAME.is_some());
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
    fn a_secret_goes_to_its_very_end_however_it_is_written() {
        for (text, secret) in [
            (
                r#"{"privateKey":"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n","a":1}"#,
                "MIIEvQ",
            ),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIEcut+off/\nMIIE", "MIIE"),
            ("password=ab12true user=app", "ab12"),
            ("token: notnull", "not"),
            (r#""secret":"isfalse""#, "is"),
            ("X-Parse-Master-Key: opensesame", "opensesame"),
            ("X-Parse-REST-API-Key: opensesame", "opensesame"),
            ("x-parse-client-key=opensesame", "opensesame"),
            (r#"{"secretAccessKey": "opensesame"}"#, "opensesame"),
            (r#"{"maintenanceKey":"opensesame"}"#, "opensesame"),
            (r#"{"fileKey":"opensesame"}"#, "opensesame"),
            ("webhook_key=opensesame", "opensesame"),
            ("restKey: opensesame", "opensesame"),
            (r#"{"password":"correct horse"}"#, "horse"),
            (r#"{"password":"correct \" horse"}"#, "horse"),
            (r#"{"password": "correct horse"#, "horse"),
            ("password: 'correct horse'", "horse"),
            ("  password: correct horse\n", "horse"),
            (r#"{"body":"{\"password\":\"correct horse\"}"}"#, "horse"),
        ] {
            let redacted = redact(text);
            assert!(
                !redacted.contains(secret) && redacted.contains(BLOT),
                "{text} became {redacted}"
            );
        }
        let next = redact(r#"{"password":"correct horse","engine":"s"}"#);
        assert_eq!(next, r#"{"password":"[redacted]","engine":"s"}"#);
        let inner = redact(r#"{"body":"{\"token\":\"abc\",\"engine\":\"s\"}"}"#);
        assert_eq!(inner, r#"{"body":"{\"token\":\"[redacted]\",\"engine\":\"s\"}"}"#);
    }

    #[test]
    fn lists_of_secrets_go_also_where_each_is_a_line_of_its_own() {
        for text in [
            r#"{"apiKeys":["opensesame","horse"]}"#,
            "tokens: ['opensesame', 'horse']",
        ] {
            let redacted = redact(text);
            assert!(
                !redacted.contains("sesame") && !redacted.contains("horse"),
                "{redacted}"
            );
        }
        let mut object = json!({
            "apiKeys": ["opensesame"], "clientSecret": "opensesame", "imagePullSecrets": [{"name": "registry"}],
            "volumes": [{"secret": {"secretName": "runtime"}}], "hard": {"secrets": "10"},
        });
        blot_values(&mut object);
        let expected = json!({
            "apiKeys": [BLOT], "clientSecret": BLOT, "imagePullSecrets": [{"name": "registry"}],
            "volumes": [{"secret": {"secretName": "runtime"}}], "hard": {"secrets": "10"},
        });
        assert_eq!(object, expected);
    }

    #[test]
    fn ordinary_lines_are_left_alone() {
        for text in [
            "app-01k0000000000000000000000a is Ready in slipway-eu",
            "secretName: runtime",
            "- secret:\n    secretName: runtime",
            "automountServiceAccountToken: false",
            r#"{"automountServiceAccountToken":false,"password":null}"#,
            "secret: {secretName: runtime}",
            "imagePullSecrets: [{name: registry}]",
            r#"{"secrets":[{"name":"registry"}]}"#,
            "image: localhost/slipway-runtime@sha256:0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
