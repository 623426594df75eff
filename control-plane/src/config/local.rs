//! What the local region driver works with.

use std::{ops::RangeInclusive, path::PathBuf, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, Driver, Problems, RegionsConfig, load::secret_from_file};

/// Section `local`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {
    pub data_dir: PathBuf,
    /// Administrator's connection string; secret.
    pub mongodb_uri: SecretString,
    pub mongodb_uri_file: Option<PathBuf>,
    /// Empty: next to this program, else on PATH.
    pub runtime: PathBuf,
    pub port_range: PortRange,
}

impl LocalConfig {
    pub(super) fn read_files(&mut self) -> Result<(), ConfigError> {
        secret_from_file(
            "local.mongodb_uri",
            self.mongodb_uri_file.as_deref(),
            &mut self.mongodb_uri,
        )
    }

    pub(super) fn validate(&self, regions: &RegionsConfig, problems: &mut Problems) {
        if regions.values().all(|region| region.driver != Driver::Local) {
            return;
        }
        problems.unless(
            self.mongodb_uri.expose_secret().starts_with("mongodb"),
            "local.mongodb_uri",
            "is needed by the local region driver, such as mongodb://root:password@127.0.0.1:27017/?replicaSet=rs0",
        );
    }
}

/// Ports from first to last, written `20000-24999`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange(pub RangeInclusive<u16>);

impl TryFrom<String> for PortRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for PortRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('-').and_then(|(first, last)| {
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (1024 <= first && first <= last).then_some(Self(first..=last))
        });
        parsed.ok_or_else(|| format!("`{text}` is no port range; write one such as 20000-24999"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_port_range_has_two_ends_in_order() {
        assert_eq!("20000-20010".parse::<PortRange>().unwrap().0, 20000..=20010);
        for wrong in ["", "20000", "20010-20000", "80-90", "20000-70000", "a-b"] {
            assert!(wrong.parse::<PortRange>().unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
