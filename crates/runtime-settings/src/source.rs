//! Where option values come from: the settings file, then the environment, which wins.

use std::path::Path;

use serde_json::{Map, Value};

use super::options;
use super::problem::{Problem, SettingsError};
use super::values::Values;

/// Reads the file, if one is given, and the environment through `env`.
///
/// # Errors
/// Only when the file cannot be read or is no JSON object; problems of single options are kept in the values.
pub fn load(file: Option<&Path>, env: impl Fn(&str) -> Option<String>) -> Result<Values, SettingsError> {
    let mut values = Values::default();
    if let Some(path) = file {
        for (name, value) in read_file(path).map_err(|problem| SettingsError(vec![problem]))? {
            values.set_from_file(&name, value);
        }
    }
    for option in options::all() {
        if let Some(text) = env(option.env) {
            values.set_from_env(option, &text);
        }
    }
    Ok(values)
}

fn read_file(path: &Path) -> Result<Map<String, Value>, Problem> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Problem::Unreadable {
        path: shown.clone(),
        reason: error.to_string(),
    })?;
    parse_document(&text).map_err(|reason| Problem::Malformed { path: shown, reason })
}

/// The options of a document; `{"apps": [{…}]}`, which Parse Server takes too, counts as its only app.
fn parse_document(text: &str) -> Result<Map<String, Value>, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(mut options) = document else {
        return Err("the outermost value is no object".to_owned());
    };
    match options.remove("apps") {
        None => Ok(options),
        Some(Value::Array(mut apps)) if apps.len() == 1 => match apps.remove(0) {
            Value::Object(app) => Ok(app),
            _ => Err("the entry of \"apps\" is no object".to_owned()),
        },
        Some(_) => Err("\"apps\" must hold exactly one app; start one server per app".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_document;

    #[test]
    fn document_is_an_object_or_wraps_one_app() {
        assert_eq!(
            parse_document(r#"{"appId":"a"}"#).map(|options| options.len()),
            Ok(1)
        );
        assert_eq!(
            parse_document(r#"{"apps":[{"appId":"a"}]}"#).map(|options| options.len()),
            Ok(1)
        );
    }

    #[test]
    fn other_documents_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "EOF"),
            ("[]", "no object"),
            (r#"{"apps":[{},{}]}"#, "exactly one app"),
            (r#"{"apps":[1]}"#, "no object"),
            (r#"{"appId": a}"#, "line 1 column 11"),
        ] {
            assert!(
                parse_document(text).is_err_and(|error| error.contains(reason)),
                "{text}"
            );
        }
    }
}
