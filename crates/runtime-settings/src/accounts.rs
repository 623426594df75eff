//! `accountLockout`, `passwordPolicy` and the multi-factor part of `auth`: from JSON to their typed forms.

use std::time::Duration;

use fancy_regex::Regex;
use serde_json::Value;

use super::section::Section;

/// A hundred years: longer lives of tokens and passwords are slips of the pen.
const LONGEST: f64 = 36_525.0;

/// When failed log-ins lock an account.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountLockout {
    /// Failures in a row that lock.
    pub threshold: u32,
    /// How long the lock holds, in minutes.
    pub minutes: f64,
    pub unlock_on_password_reset: bool,
}

/// Rules for passwords and for the links that reset them.
#[derive(Clone, Debug)]
pub struct PasswordPolicy {
    /// What a password must match, in JavaScript's syntax, look-ahead included.
    pub validator_pattern: Option<Regex>,
    /// Says what a password must be like.
    pub validation_error: Option<String>,
    pub do_not_allow_username: bool,
    pub max_password_age: Option<Duration>,
    /// How many of the last passwords may not come back.
    pub max_password_history: usize,
    pub reset_token_validity: Option<Duration>,
    pub reset_token_reuse_if_valid: bool,
    /// A request to reset the password of an unknown address succeeds like any other.
    pub reset_password_success_on_invalid_email: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            validator_pattern: None,
            validation_error: None,
            do_not_allow_username: false,
            max_password_age: None,
            max_password_history: 0,
            reset_token_validity: None,
            reset_token_reuse_if_valid: false,
            reset_password_success_on_invalid_email: true,
        }
    }
}

/// One-time passwords as a second factor (`auth.mfa`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MfaSettings {
    pub digits: u32,
    /// Seconds that one code lasts.
    pub period: u64,
    pub algorithm: MfaAlgorithm,
}

/// The hash under a one-time password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaAlgorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// Reads `accountLockout`.
pub fn lockout(value: &Value) -> Result<AccountLockout, String> {
    let section = Section::of(value, &["threshold", "duration", "unlockOnPasswordReset"])?;
    let needed = |name: &str| format!("needs the field {name:?}");
    let threshold = section
        .whole("threshold", 1, 999)?
        .ok_or_else(|| needed("threshold"))?;
    Ok(AccountLockout {
        threshold: u32::try_from(threshold).unwrap_or(u32::MAX),
        minutes: section
            .positive("duration", 99_999.0)?
            .ok_or_else(|| needed("duration"))?,
        unlock_on_password_reset: section.flag("unlockOnPasswordReset", false)?,
    })
}

/// Reads `passwordPolicy`.
pub fn password_policy(value: &Value) -> Result<PasswordPolicy, String> {
    const FIELDS: &[&str] = &[
        "validatorPattern",
        "validatorCallback",
        "validationError",
        "doNotAllowUsername",
        "maxPasswordAge",
        "maxPasswordHistory",
        "resetTokenValidityDuration",
        "resetTokenReuseIfValid",
        "resetPasswordSuccessOnInvalidEmail",
    ];
    let section = Section::of(value, FIELDS)?;
    if section.value("validatorCallback").is_some() {
        return Err("has a validatorCallback, a function of Node.js; use validatorPattern".to_owned());
    }
    let policy = PasswordPolicy {
        validator_pattern: pattern(section.text("validatorPattern")?)?,
        validation_error: section.text("validationError")?,
        do_not_allow_username: section.flag("doNotAllowUsername", false)?,
        max_password_age: match section.value("maxPasswordAge").and_then(Value::as_f64) {
            Some(0.0) => None,
            _ => section.positive("maxPasswordAge", LONGEST)?.map(days),
        },
        max_password_history: usize::try_from(section.whole("maxPasswordHistory", 0, 20)?.unwrap_or(0))
            .unwrap_or(0),
        reset_token_validity: section
            .positive("resetTokenValidityDuration", LONGEST * 86_400.0)?
            .map(Duration::from_secs_f64),
        reset_token_reuse_if_valid: section.flag("resetTokenReuseIfValid", false)?,
        reset_password_success_on_invalid_email: section.flag("resetPasswordSuccessOnInvalidEmail", true)?,
    };
    if policy.reset_token_reuse_if_valid && policy.reset_token_validity.is_none() {
        return Err("has resetTokenReuseIfValid, which needs resetTokenValidityDuration".to_owned());
    }
    Ok(policy)
}

fn pattern(text: Option<String>) -> Result<Option<Regex>, String> {
    let compile = |text: String| {
        Regex::new(&text).map_err(|error| format!("has a validatorPattern that is no pattern: {error}"))
    };
    text.filter(|text| !text.is_empty()).map(compile).transpose()
}

fn days(days: f64) -> Duration {
    Duration::from_secs_f64(days * 86_400.0)
}

/// Reads the `mfa` entry of `auth`; `None` when there is none or it is switched off.
pub fn mfa(auth: &Value) -> Result<Option<MfaSettings>, String> {
    let Some(value) = auth.get("mfa").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let section = Section::of(
        value,
        &["enabled", "options", "digits", "period", "algorithm", "module"],
    )
    .map_err(|reason| format!("has an entry mfa that {reason}"))?;
    if !section.flag("enabled", true)? {
        return Ok(None);
    }
    let kinds: Vec<&str> = section
        .value("options")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if kinds != ["TOTP"] {
        return Err(
            "has an entry mfa whose options must be [\"TOTP\"]; codes by SMS need a function of Node.js"
                .to_owned(),
        );
    }
    let algorithm = match section.text("algorithm")?.as_deref() {
        None | Some("SHA1" | "SHA-1") => MfaAlgorithm::Sha1,
        Some("SHA256" | "SHA-256") => MfaAlgorithm::Sha256,
        Some("SHA512" | "SHA-512") => MfaAlgorithm::Sha512,
        Some(_) => return Err("has an entry mfa whose algorithm must be SHA1, SHA256 or SHA512".to_owned()),
    };
    Ok(Some(MfaSettings {
        digits: u32::try_from(section.whole("digits", 4, 10)?.unwrap_or(6)).unwrap_or(6),
        period: section.whole("period", 10, 3_600)?.unwrap_or(30),
        algorithm,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lockout_needs_both_its_numbers() {
        assert_eq!(
            lockout(&json!({"threshold": 3, "duration": 0.5})),
            Ok(AccountLockout {
                threshold: 3,
                minutes: 0.5,
                unlock_on_password_reset: false
            })
        );
        for (bad, part) in [
            (json!({"threshold": 3}), "needs the field \"duration\""),
            (json!({"duration": 3}), "needs the field \"threshold\""),
            (json!({"threshold": 0, "duration": 1}), "from 1 to 999"),
            (json!({"threshold": 1, "duration": 0}), "above 0"),
            (
                json!({"threshold": 1, "duration": 1, "minutes": 1}),
                "\"minutes\"",
            ),
            (
                json!({"threshold": 1, "duration": 1, "unlockOnPasswordReset": "yes"}),
                "true or false",
            ),
        ] {
            let reason = lockout(&bad).unwrap_err();
            assert!(reason.contains(part), "{bad}: {reason}");
        }
    }

    #[test]
    fn patterns_may_look_ahead_as_in_javascript() {
        let policy = password_policy(&json!({"validatorPattern": "^(?=.*[a-z])(?=.*[0-9]).{8,}$"})).unwrap();
        let pattern = policy.validator_pattern.unwrap();
        assert!(pattern.is_match("abcdefg1").unwrap() && !pattern.is_match("abcdefgh").unwrap());
        assert!(password_policy(&json!({"validatorPattern": "(["})).is_err());
    }

    #[test]
    fn rules_that_cannot_hold_are_refused() {
        for (bad, part) in [
            (
                json!({"resetTokenReuseIfValid": true}),
                "needs resetTokenValidityDuration",
            ),
            (json!({"maxPasswordHistory": 21}), "from 0 to 20"),
            (json!({"maxPasswordAge": -1}), "above 0"),
            (json!({"validatorCallback": "x"}), "validatorPattern"),
            (json!({"resetTokenValidityDuration": "1h"}), "above 0"),
        ] {
            let reason = password_policy(&bad).unwrap_err();
            assert!(reason.contains(part), "{bad}: {reason}");
        }
        assert!(
            password_policy(&json!({"maxPasswordAge": 0}))
                .unwrap()
                .max_password_age
                .is_none()
        );
    }

    #[test]
    fn multi_factor_knows_one_time_passwords_only() {
        let read = mfa(&json!({"mfa": {"options": ["TOTP"], "digits": 8, "algorithm": "SHA256"}}));
        let expected = MfaSettings {
            digits: 8,
            period: 30,
            algorithm: MfaAlgorithm::Sha256,
        };
        assert_eq!(read, Ok(Some(expected)));
        assert_eq!(mfa(&json!({"google": {}})), Ok(None));
        for bad in [
            json!({"options": ["SMS"]}),
            json!({}),
            json!({"options": ["TOTP"], "digits": 3}),
            json!({"options": ["TOTP"], "algorithm": "MD5"}),
        ] {
            assert!(mfa(&json!({ "mfa": bad })).is_err());
        }
    }
}
