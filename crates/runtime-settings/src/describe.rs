//! Settings in words: the option list of `serve --help`, the effective values of `check`, the warnings at start.

use std::fmt::Write;

use super::needless;
use super::options::{self, Effect, Kind, OptionSpec};
use super::table::GROUPS;
use super::values::Values;

/// All options by group, each with its environment variable, default and meaning.
#[must_use]
pub fn help() -> String {
    let mut text = String::from(
        "Options of the settings file (JSON). The environment variable beside an option overrides it.\n",
    );
    for group in GROUPS {
        let _ = write!(text, "\n{}:\n", group.title);
        for option in group.options {
            help_of(option, &mut text);
        }
    }
    text
}

fn help_of(option: &OptionSpec, text: &mut String) {
    let _ = write!(
        text,
        "  {:<36} {}\n      {}",
        option.name, option.env, option.help
    );
    if !option.default.is_empty() {
        let _ = write!(text, " [default: {}]", option.default);
    }
    if let Effect::None(reason) = option.effect {
        let _ = write!(text, " (No effect: {reason}.)");
    }
    text.push('\n');
}

/// One line per option in effect, `name = value`, secrets masked.
#[must_use]
pub fn effective(values: &Values) -> String {
    let mut text = String::new();
    for option in options::all().filter(|option| option.effect == Effect::Used) {
        let shown = values
            .get(option.name)
            .map_or_else(|| "-".to_owned(), |value| shown(option.kind, &value));
        let _ = writeln!(text, "{:<36} {shown}", option.name);
    }
    text
}

fn shown(kind: Kind, value: &serde_json::Value) -> String {
    match (kind, value.as_str()) {
        (Kind::Secret | Kind::SecretObject, _) => "********".to_owned(),
        (Kind::SecretUrl, Some(url)) => mask_password(url),
        (_, Some(text)) => text.to_owned(),
        (_, None) => value.to_string(),
    }
}

/// `mongodb://name:secret@host` with the secret masked.
pub fn mask_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "********".to_owned();
    };
    let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    // A password that was not percent-encoded may itself hold `/` or `@`; then hide everything.
    match (authority.rsplit_once('@'), rest.contains('@')) {
        (Some((user, host)), _) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}:********@{host}{}", &rest[authority.len()..])
        }
        (None, true) => format!("{scheme}://********"),
        (None, false) => url.to_owned(),
    }
}

/// One sentence for everything that is set but changes nothing, and for settings that are easy to get wrong.
#[must_use]
pub fn warnings(values: &Values) -> Vec<String> {
    let mut warnings = needless::warnings(values);
    let app_id = values.get("appId").unwrap_or_default();
    if app_id
        .as_str()
        .unwrap_or_default()
        .contains(|character| "!#$%'()*+&/:;=?@[]{}^,|<>".contains(character))
    {
        warnings.push("appId holds special characters, which can cause trouble in URLs".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_option_and_its_variable() {
        let help = help();
        for option in options::all() {
            assert!(
                help.contains(option.name) && help.contains(option.env),
                "{}",
                option.name
            );
        }
    }

    #[test]
    fn password_in_a_connection_string_is_masked() {
        for (url, shown) in [
            (
                "mongodb://localhost:27017/parse",
                "mongodb://localhost:27017/parse",
            ),
            (
                "mongodb://ann:s3cret@db:1/app?x=1",
                "mongodb://ann:********@db:1/app?x=1",
            ),
            ("mongodb://ann:s3/cret@db/app", "mongodb://********"),
            ("s3cret", "********"),
        ] {
            assert_eq!(mask_password(url), shown);
        }
    }
}
