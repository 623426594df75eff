//! Where settings come from, and in which order they win.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Serialized};
use serde_yaml_ng::Value;

use super::Config;

const DEFAULTS: &str = include_str!("default.yaml");
const PREFIX: &str = "SLIPWAY_OPERATOR_";

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {0} cannot be read: {1}")]
    File(PathBuf, #[source] std::io::Error),
    #[error("the settings are not valid: {0}")]
    Settings(#[from] Box<figment::Error>),
    #[error("the settings file is not YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    #[error("the setting {key} {reason}")]
    Value { key: &'static str, reason: String },
}

pub(super) fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    let text = file
        .map(|path| std::fs::read_to_string(path).map_err(|error| ConfigError::File(path.to_owned(), error)))
        .transpose()?;
    extract(layers(text.as_deref())?.merge(environment()))
}

pub(super) fn parse(text: &str) -> Result<Config, ConfigError> {
    extract(layers(Some(text))?)
}

fn layers(text: Option<&str>) -> Result<Figment, ConfigError> {
    let mut settings: Value = serde_yaml_ng::from_str(DEFAULTS)?;
    if let Some(text) = text {
        lay_over(&mut settings, serde_yaml_ng::from_str(text)?);
    }
    Ok(Figment::from(Serialized::defaults(settings)))
}

/// Sections are merged key by key. Labels and annotations are not: half of one selector and half of another select nothing.
fn lay_over(below: &mut Value, above: Value) {
    let (Value::Mapping(below), Value::Mapping(above)) = (below, above) else {
        return;
    };
    for (key, value) in above {
        match below.get_mut(&key) {
            Some(section @ Value::Mapping(_)) if value.is_mapping() && !is_labels(&key) => {
                lay_over(section, value)
            }
            _ => {
                below.insert(key, value);
            }
        }
    }
}

fn is_labels(key: &Value) -> bool {
    const LABELS: [&str; 5] = [
        "annotations",
        "digests",
        "namespaceSelector",
        "nodeSelector",
        "podLabels",
    ];
    key.as_str().is_some_and(|key| LABELS.contains(&key))
}

/// `SLIPWAY_OPERATOR_LEADER_ELECTION__LEASE_NAME` is `leaderElection.leaseName`.
fn environment() -> Env {
    Env::prefixed(PREFIX)
        .map(|name| path_of(name.as_str()).into())
        .lowercase(false)
}

/// `TELEMETRY` is a struct of its own crate, which writes its names with underscores.
fn path_of(name: &str) -> String {
    let sections: Vec<&str> = name.split("__").collect();
    match sections.as_slice() {
        [section, key] if section.eq_ignore_ascii_case("telemetry") => {
            format!("telemetry.{}", key.to_ascii_lowercase())
        }
        _ => sections.into_iter().map(camel_case).collect::<Vec<_>>().join("."),
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    words.fold(first, |path, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        path + &capital.into_iter().collect::<String>() + &letters.as_str().to_ascii_lowercase()
    })
}

fn extract(figment: Figment) -> Result<Config, ConfigError> {
    Ok(figment.extract().map_err(Box::new)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_environment_is_the_path_of_a_setting() {
        for (name, path) in [
            ("REGION", "region"),
            ("LEADER_ELECTION__LEASE_NAME", "leaderElection.leaseName"),
            ("INGRESS__CLASS_NAME", "ingress.className"),
            ("TELEMETRY__OTLP_ENDPOINT", "telemetry.otlp_endpoint"),
        ] {
            assert_eq!(path_of(name), path);
        }
    }

    #[test]
    fn a_selector_replaces_the_default_and_a_section_is_merged_with_it() {
        let config = parse("region: eu\ningress: { namespaceSelector: { app: gateway } }").unwrap();
        let selector: Vec<_> = config.ingress.namespace_selector.into_iter().collect();
        assert_eq!(selector, [("app".to_owned(), "gateway".to_owned())]);
        assert_eq!(config.ingress.suspended_service, "slipway-suspended");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = load(Some(Path::new("no-such-file.yaml")))
            .unwrap_err()
            .to_string();
        assert!(error.contains("no-such-file.yaml"), "{error}");
    }
}
