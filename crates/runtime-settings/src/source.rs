//! Where option values come from: the settings file, then the environment, which wins.

use std::path::Path;

use serde_json::{Map, Value};

use super::options;
use super::problem::{Problem, SettingsError};
use super::values::Values;

/// Bytes of a settings file, or none where a server is set up by its environment alone.
pub fn read(file: Option<&Path>) -> Result<Option<Vec<u8>>, SettingsError> {
    let unreadable = |path: &Path, error: std::io::Error| {
        SettingsError(vec![Problem::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        }])
    };
    file.map(|path| std::fs::read(path).map_err(|error| unreadable(path, error)))
        .transpose()
}

/// The values of a document, if there is one, and of the environment. `shown` names the document in complaints.
///
/// # Errors
/// Only when the document is no JSON object; problems of single options are kept in the values.
pub fn values(
    document: Option<&[u8]>,
    shown: &str,
    env: impl Fn(&str) -> Option<String>,
) -> Result<Values, SettingsError> {
    let mut values = Values::default();
    if let Some(document) = document {
        let options = std::str::from_utf8(document)
            .map_err(|error| error.to_string())
            .and_then(parse_document)
            .map_err(|reason| {
                let path = shown.to_owned();
                SettingsError(vec![Problem::Malformed { path, reason }])
            })?;
        for (name, value) in options {
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
