//! Reads and merges the layers of the configuration.

use std::path::{Path, PathBuf};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use secrecy::SecretString;

use super::{Config, Driver};

/// The documented defaults.
pub const DEFAULTS: &str = include_str!("default.toml");

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {0} does not exist")]
    NoFile(PathBuf),
    #[error("the configuration cannot be read: {0}")]
    Read(#[from] Box<figment::Error>),
    #[error("{key}_file: {path} cannot be read: {source}")]
    SecretFile {
        key: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the configuration is not valid:\n  {}", .0.join("\n  "))]
    Invalid(Vec<String>),
}

impl Config {
    /// Merges defaults, `file` and the environment, reads secret files and validates.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_figment(layers(file)?.merge(environment()))
    }

    /// Defaults and `overrides` (TOML) only: what tests and `slipway dev` build theirs from.
    pub fn from_toml(overrides: &str) -> Result<Self, ConfigError> {
        Self::from_figment(layers(None)?.merge(Toml::string(overrides)))
    }

    /// As [`Config::from_toml`], and the environment on top.
    pub fn from_toml_and_environment(overrides: &str) -> Result<Self, ConfigError> {
        Self::from_figment(layers(None)?.merge(Toml::string(overrides)).merge(environment()))
    }

    fn from_figment(figment: Figment) -> Result<Self, ConfigError> {
        let mut config: Self = figment.extract().map_err(Box::new)?;
        config.database.read_files()?;
        config.secrets.read_files()?;
        config.local.read_files()?;
        config.regions.retain(|_, region| region.driver != Driver::Off);
        config.validate()?;
        Ok(config)
    }
}

/// Defaults and file, not yet typed.
pub(super) fn layers(file: Option<&Path>) -> Result<Figment, ConfigError> {
    let defaults = Figment::from(Toml::string(DEFAULTS));
    match file {
        None => Ok(defaults),
        Some(path) if path.is_file() => Ok(defaults.merge(Toml::file_exact(path))),
        Some(path) => Err(ConfigError::NoFile(path.to_owned())),
    }
}

/// `SLIPWAY_SERVER__PORT` and its like. Names without `__` (`SLIPWAY_DATA_DIR`, …) are for `slipway dev`.
pub(super) fn environment() -> Env {
    Env::prefixed("SLIPWAY_")
        .filter(|name| name.as_str().contains("__"))
        .split("__")
}

/// Fills `secret` from the file at `path`, when one is set; a line end after it is not part of it.
pub(super) fn secret_from_file(
    key: &'static str,
    path: Option<&Path>,
    secret: &mut SecretString,
) -> Result<(), ConfigError> {
    if let Some(path) = path {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::SecretFile {
            key,
            path: path.to_owned(),
            source,
        })?;
        *secret = text.trim_end_matches(['\r', '\n']).into();
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const MINIMUM: &str = r#"
        [database]
        url = "postgres://localhost/slipway"
        [secrets]
        kek = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        [local]
        mongodb_uri = "mongodb://localhost"
    "#;

    #[test]
    fn the_defaults_need_only_the_secrets() {
        let config = Config::from_toml(MINIMUM).unwrap();
        assert_eq!(config.server.port, 8080);
        assert_eq!(config.apps.undo_window_days, 14);
    }

    #[test]
    fn every_missing_secret_is_named_at_once() {
        let error = Config::from_toml("").unwrap_err().to_string();
        for key in ["database.url", "secrets.kek", "local.mongodb_uri"] {
            assert!(error.contains(key), "{key} not in {error}");
        }
    }

    #[test]
    fn an_unknown_key_and_a_wrong_type_name_the_key() {
        let unknown = Config::from_toml("[server]\nprot = 1").unwrap_err().to_string();
        assert!(unknown.contains("prot"), "{unknown}");
        let wrong = Config::from_toml("[server]\nport = \"many\"")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("server.port"), "{wrong}");
    }

    #[test]
    fn a_secret_comes_from_a_file_without_its_line_end() {
        use secrecy::ExposeSecret;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kek");
        std::fs::write(&file, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").unwrap();
        let mut secret = SecretString::default();
        secret_from_file("secrets.kek", Some(&file), &mut secret).unwrap();
        assert!(secret.expose_secret().ends_with("Hh8="));
        let missing = secret_from_file("secrets.kek", Some(Path::new("nowhere")), &mut secret);
        assert!(
            missing
                .unwrap_err()
                .to_string()
                .starts_with("secrets.kek_file: nowhere")
        );
    }
}
