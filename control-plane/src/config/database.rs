//! The control plane's PostgreSQL.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, Problems, load::secret_from_file};

/// Section `database`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `postgres://…`; secret, for it may hold a password.
    pub url: SecretString,
    pub url_file: Option<PathBuf>,
    pub max_connections: u32,
    pub acquire_timeout_seconds: u64,
}

impl DatabaseConfig {
    /// How long a request waits for a connection.
    pub fn acquire_timeout(&self) -> Duration {
        Duration::from_secs(self.acquire_timeout_seconds)
    }

    pub(super) fn read_files(&mut self) -> Result<(), ConfigError> {
        secret_from_file("database.url", self.url_file.as_deref(), &mut self.url)
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        let url = self.url.expose_secret();
        problems.unless(
            url.starts_with("postgres://") || url.starts_with("postgresql://"),
            "database.url",
            "is needed, such as postgres://user:password@host/slipway (or set database.url_file)",
        );
        problems.unless(
            self.max_connections >= 2,
            "database.max_connections",
            "must be at least 2",
        );
        problems.unless(
            (1..=60).contains(&self.acquire_timeout_seconds),
            "database.acquire_timeout_seconds",
            "must be 1 to 60",
        );
    }
}
