//! `GET /security`: which settings are weaker than they should be. The log says so, too, if it shall.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::protocol::error::{ParseError, ParseResult};
use crate::routes::context::{Context, Reply};
use crate::settings::Settings;

/// Shortest key or password that passes.
const SHORTEST_SECRET: usize = 14;

/// One look at the settings.
struct Check {
    title: &'static str,
    passed: bool,
    /// What may happen.
    warning: &'static str,
    /// What to change.
    solution: &'static str,
}

/// `{"report": {version, state, groups}}`; 409 unless `security.enableCheck` is set.
pub fn check(cx: &Context<'_>) -> ParseResult<Reply> {
    cx.require_master()?;
    if !cx.app.settings.security.enabled {
        return Err(ParseError::http(
            409,
            "Enable Parse Server option `security.enableCheck` to run security check.",
        ));
    }
    Ok(Reply::value(&report(&cx.app.settings)))
}

/// Writes what does not pass to the log, if `security.enableCheck` and `security.enableCheckLog` ask for it.
pub fn log(settings: &Settings) {
    if !settings.security.enabled || !settings.security.logged {
        return;
    }
    let checks: Vec<Check> = groups(settings)
        .into_iter()
        .flat_map(|(_, checks)| checks)
        .collect();
    let weak: Vec<&Check> = checks.iter().filter(|check| !check.passed).collect();
    for check in &weak {
        let Check {
            title,
            warning,
            solution,
            ..
        } = check;
        tracing::warn!("security check failed: {title}. {warning} {solution}");
    }
    tracing::info!(checks = checks.len(), weak = weak.len(), "security check done");
}

fn groups(settings: &Settings) -> [(&'static str, Vec<Check>); 2] {
    [
        ("Parse Server Configuration", configuration(settings)),
        ("Database", database(settings)),
    ]
}

fn report(settings: &Settings) -> Value {
    let groups = groups(settings).map(|(name, checks)| group(name, &checks));
    let passed = groups.iter().all(|group| group["state"] == "success");
    json!({ "report": { "version": "1.0.0", "state": state(passed), "groups": groups } })
}

fn group(name: &str, checks: &[Check]) -> Value {
    let passed = checks.iter().all(|check| check.passed);
    let shown: Vec<Value> = checks
        .iter()
        .map(|check| {
            let mut shown = json!({ "title": check.title, "state": state(check.passed) });
            if !check.passed {
                shown["warning"] = check.warning.into();
                shown["solution"] = check.solution.into();
            }
            shown
        })
        .collect();
    json!({ "name": name, "state": state(passed), "checks": shown })
}

fn state(passed: bool) -> &'static str {
    if passed { "success" } else { "fail" }
}

fn configuration(settings: &Settings) -> Vec<Check> {
    let limits = &settings.request_complexity;
    let unlimited = [
        limits.include_depth,
        limits.include_count,
        limits.subquery_depth,
        limits.query_depth,
        limits.batch_request_limit,
    ]
    .contains(&None);
    let anywhere = |address: &str| {
        address
            .parse()
            .is_ok_and(|address| settings.read_only_master_key_ips.contains(address))
    };
    vec![
        Check {
            title: "Secure master key",
            passed: is_strong(settings.master_key.expose_secret()),
            warning: "The master key can be guessed by trying.",
            solution: "Set masterKey to at least 14 characters of at least three kinds: capitals, small letters, digits, others.",
        },
        Check {
            title: "Security log disabled",
            passed: !settings.security.logged,
            warning: "Whoever reads the log learns which settings are weak.",
            solution: "Set security.enableCheckLog to false.",
        },
        Check {
            title: "Client class creation disabled",
            passed: !settings.allow_client_class_creation || settings.private_by_default,
            warning: "Anybody can create classes and fill the database.",
            solution: "Set allowClientClassCreation to false.",
        },
        Check {
            title: "Users are created without public access",
            passed: settings.enforce_private_users,
            warning: "Anybody can read new users.",
            solution: "Set enforcePrivateUsers to true.",
        },
        Check {
            title: "Read-only master key IP range restricted",
            passed: settings.read_only_master_key.is_none()
                || !(anywhere("203.0.113.1") || anywhere("2001:db8::1")),
            warning: "A leaked read-only master key works from everywhere.",
            solution: "Set readOnlyMasterKeyIps to the addresses it is used from.",
        },
        Check {
            title: "Public database explain disabled",
            passed: !settings.allow_public_explain,
            warning: "Anybody learns from the plans of queries how data and indexes are made.",
            solution: "Set databaseOptions.allowPublicExplain to false.",
        },
        Check {
            title: "Request complexity limits enabled",
            passed: !unlimited,
            warning: "A single request may ask for endless work.",
            solution: "Set every limit of requestComplexity to a positive number.",
        },
    ]
}

fn database(settings: &Settings) -> Vec<Check> {
    let uri = url::Url::parse(settings.database_uri.expose_secret()).ok();
    let password = uri.as_ref().and_then(|uri| uri.password()).unwrap_or_default();
    vec![Check {
        title: "Secure database password",
        passed: is_strong(password),
        warning: "The password of the database can be guessed by trying.",
        solution: "Choose at least 14 characters of at least three kinds: capitals, small letters, digits, others.",
    }]
}

fn is_strong(secret: &str) -> bool {
    let kinds: [fn(char) -> bool; 4] = [
        |char| char.is_ascii_uppercase(),
        |char| char.is_ascii_lowercase(),
        |char| char.is_ascii_digit(),
        |char| !char.is_ascii_alphanumeric(),
    ];
    let present = kinds.iter().filter(|kind| secret.chars().any(**kind)).count();
    secret.chars().count() >= SHORTEST_SECRET && present >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_is_length_and_kinds() {
        assert!(is_strong("aB3aB3aB3aB3aB3"));
        assert!(!is_strong("aB3aB3aB3"));
        assert!(!is_strong("aaaaaaaaaaaaaaaaaa"));
    }
}
