//! Settings: the embedded `default.toml`, then a file, then `SLIPWAY_SECTION__KEY`.
//!
//! `main` loads them once; each section checks itself and every problem names its key. Secrets are
//! [`SecretString`](secrecy::SecretString)s and may come from a file.

mod apps;
mod database;
mod limits;
mod load;
mod local;
mod masked;
mod regions;
mod secrets;
mod server;
mod sessions;

use serde::Deserialize;
use telemetry::TelemetryConfig;

pub use apps::AppsConfig;
pub use database::DatabaseConfig;
pub use limits::LimitsConfig;
pub use load::{ConfigError, DEFAULTS};
pub use local::{LocalConfig, PortRange};
pub use regions::{Driver, RegionConfig, RegionsConfig};
pub use secrets::SecretsConfig;
pub use server::ServerConfig;
pub use sessions::SessionsConfig;

/// All settings of the control plane.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    pub secrets: SecretsConfig,
    pub sessions: SessionsConfig,
    pub limits: LimitsConfig,
    pub apps: AppsConfig,
    pub regions: RegionsConfig,
    pub local: LocalConfig,
    pub telemetry: TelemetryConfig,
}

/// Collects what is wrong, so that one start shows every mistake.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Notes that `key` is wrong, and what to write instead.
    pub fn add(&mut self, key: &str, problem: impl AsRef<str>) {
        self.0.push(format!("{key}: {}", problem.as_ref()));
    }

    /// Notes a problem unless `fine`.
    pub fn unless(&mut self, fine: bool, key: &str, problem: &str) {
        if !fine {
            self.add(key, problem);
        }
    }

    fn into_result(self) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Invalid(self.0))
        }
    }
}

impl Config {
    fn validate(&self) -> Result<(), ConfigError> {
        let mut problems = Problems::default();
        self.server.validate(&mut problems);
        self.database.validate(&mut problems);
        self.secrets.validate(&mut problems);
        self.sessions.validate(&mut problems);
        self.limits.validate(&mut problems);
        self.apps.validate(&mut problems);
        regions::validate(&self.regions, &mut problems);
        self.local.validate(&self.regions, &mut problems);
        problems.into_result()
    }
}
