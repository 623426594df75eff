//! Whether an owner's options are good: by the very rules the runtime starts by, and those that hold because the owner is
//! somebody else than the server's administrator.

use serde_json::{Map, Value};

use super::{find, refusal, secrets};
use crate::problem::{Problem, SettingsError};
use crate::{Settings, needless, options};

/// Fields of `pages` that name files of the server.
const SERVER_FILES: &[&str] = &["pagesPath", "localizationJsonPath"];

/// The field of an entry of `rateLimit` by which Parse Server counts in Redis.
pub const REDIS: &str = "redisUrl";

/// Checks what an owner set, on top of what the platform sets for the app.
///
/// # Errors
/// All problems together, each naming its option.
pub fn check(platform: &Map<String, Value>, owner: &Map<String, Value>) -> Result<(), SettingsError> {
    let mut problems: Vec<Problem> = owner
        .keys()
        .filter(|name| find(name).is_none())
        .map(|name| Problem::Foreign {
            name: name.clone(),
            reason: refusal(name),
        })
        .collect();
    problems.extend(server_files(owner));
    problems.extend(needless_passwords(owner));
    problems.extend(no_text(owner));
    let named = |name: &str| problems.iter().any(|problem| problem.option() == Some(name));
    let mut whole = platform.clone();
    let others = owner.iter().filter(|(name, _)| !named(name));
    whole.extend(others.map(|(name, value)| (name.clone(), value.clone())));
    if let Err(more) = Settings::from_options(&whole) {
        problems.extend(more.0);
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(SettingsError(problems))
}

fn server_files(owner: &Map<String, Value>) -> Option<Problem> {
    let pages = owner.get("pages")?.as_object()?;
    let field = SERVER_FILES.iter().find(|field| pages.contains_key(**field))?;
    let option = options::find("pages")?;
    let instead = match *field {
        "localizationJsonPath" => "translations",
        _ => "customUrls",
    };
    let reason = format!("has a field {field:?}, a path on the server; use {instead} instead");
    Some(Problem::invalid(option.name, reason))
}

/// Options with fields that may hold a password, and that nothing would use.
const WITH_PASSWORDS: &[&str] = &["rateLimit", "databaseOptions"];

fn needless_passwords(owner: &Map<String, Value>) -> Vec<Problem> {
    let about = |name: &&str| {
        let option = options::find(name)?;
        let value = owner.get(option.name)?;
        let objects = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        let fields = objects.iter().filter_map(Value::as_object).flat_map(Map::keys);
        let (field, reason) = fields
            .filter_map(|field| Some((field, needless::reason(option.name, field)?)))
            .next()?;
        let reason = format!("has a field {field:?}, which has no effect: {reason}. Leave it out");
        Some(Problem::invalid(option.name, reason))
    };
    WITH_PASSWORDS.iter().filter_map(about).collect()
}

/// Only texts can be sealed.
fn no_text(owner: &Map<String, Value>) -> Option<Problem> {
    let pointer = secrets::no_text(owner)?;
    let option = options::find(pointer.split('/').nth(1)?)?;
    let reason = format!("has at {pointer} something other than a text, where a secret belongs by its name");
    Some(Problem::invalid(option.name, reason))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(owner: Value) -> Vec<(String, String)> {
        let platform = json!({"appId": "notes", "masterKey": "m", "appName": "Notes", "publicServerURL": "https://notes.example"});
        let found = check(platform.as_object().unwrap(), owner.as_object().unwrap());
        let problems = found.err().map(|error| error.0).unwrap_or_default();
        problems
            .iter()
            .map(|problem| (problem.option().unwrap_or_default().to_owned(), problem.reason()))
            .collect()
    }

    #[test]
    fn good_options_pass() {
        let owner = json!({
            "sessionLength": 60,
            "verifyUserEmails": true,
            "mail": {"smtpUrl": "smtps://u:p@mail.example", "from": "a@b.example"},
            "auth": {"google": {"clientId": "x"}},
            "pages": {"enableLocalization": true, "translations": {"it": {"translation": {"newPassword": "Nuova password"}}}},
        });
        assert_eq!(problems(owner), []);
    }

    #[test]
    fn all_problems_are_told_together() {
        let found = problems(json!({"sesionLength": 1, "maxLimit": 0}));
        let options: Vec<&str> = found.iter().map(|(option, _)| option.as_str()).collect();
        assert_eq!(options, ["sesionLength", "maxLimit"]);
    }

    #[test]
    fn each_problem_is_about_one_option() {
        for (owner, option, part) in [
            (
                json!({"sessionLength": 0}),
                "sessionLength",
                "must be a whole number",
            ),
            (
                json!({"verifyUserEmails": true}),
                "verifyUserEmails",
                "needs mail",
            ),
            (json!({"masterKey": "x"}), "masterKey", "panel Keys"),
            (
                json!({"sesionLength": 1}),
                "sesionLength",
                "sessionLength was meant",
            ),
            (json!({"auth": {"google": {}}}), "auth", "clientId"),
            (
                json!({"auth": {"sso": {"passwordPolicy": {"min": 8}}}}),
                "auth",
                "at /auth/sso/passwordPolicy something other than a text",
            ),
            (
                json!({"mail": {"smtpUrl": ["smtp://u:p@mail.example"], "from": "a@b.example"}}),
                "mail",
                "at /mail/smtpUrl",
            ),
            (
                json!({"rateLimit": [{"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1, "redisUrl": "redis://:p@h"}]}),
                "rateLimit",
                "counts by itself",
            ),
            (
                json!({"rateLimit": {"redisUrl": "redis://:p@h"}}),
                "rateLimit",
                "counts by itself",
            ),
            (
                json!({"databaseOptions": {"allowPublicExplain": true, "proxyPassword": "p"}}),
                "databaseOptions",
                "\"proxyPassword\", which has no effect",
            ),
            (json!({"pages": {"pagesPath": "/etc"}}), "pages", "customUrls"),
            (
                json!({"pages": {"localizationJsonPath": "/etc/passwd"}}),
                "pages",
                "use translations instead",
            ),
        ] {
            let found = problems(owner.clone());
            assert!(
                found.len() == 1 && found[0].0 == option && found[0].1.contains(part),
                "{owner}: {found:?}"
            );
        }
    }
}
