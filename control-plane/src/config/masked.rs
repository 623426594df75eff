//! The effective settings as text, secrets masked: what `slipway config-check` prints.

use std::path::Path;

use figment::value::{Dict, Value};

use super::{
    Config, ConfigError,
    load::{environment, layers},
};

const SECRETS: [(&str, &str); 3] = [("database", "url"), ("secrets", "kek"), ("local", "mongodb_uri")];

impl Config {
    /// Merges as [`Config::load`] does, validates, and renders TOML with every secret as `********`.
    pub fn load_masked(file: Option<&Path>) -> Result<String, ConfigError> {
        Self::load(file)?;
        let figment = layers(file)?.merge(environment());
        let mut settings: Dict = figment.extract().map_err(Box::new)?;
        for (section, key) in SECRETS {
            mask(&mut settings, section, key);
        }
        Ok(render(&settings))
    }
}

fn mask(settings: &mut Dict, section: &str, key: &str) {
    if let Some(Value::Dict(_, section)) = settings.get_mut(section)
        && let Some(Value::String(_, secret)) = section.get_mut(key)
        && !secret.is_empty()
    {
        *secret = "********".to_owned();
    }
}

fn render(settings: &Dict) -> String {
    toml::to_string(settings).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let mut settings: Dict = layers(None).unwrap().extract().unwrap();
        let secret = "sesame-open".to_owned();
        for (section, key) in SECRETS {
            if let Some(Value::Dict(_, section)) = settings.get_mut(section) {
                section.insert(key.to_owned(), Value::from(secret.clone()));
            }
            mask(&mut settings, section, key);
        }
        let text = render(&settings);
        assert!(!text.contains(&secret), "{text}");
        assert_eq!(text.matches("********").count(), SECRETS.len());
        assert!(text.contains("undo_window_days = 14"), "{text}");
    }
}
