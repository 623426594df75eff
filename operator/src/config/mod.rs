//! What whoever runs the operator can choose: `default.yaml`, then a file, then the environment.
//!
//! Each section is a struct in a file of its own. [`Config::load`] also checks what a type cannot say, so that a wrong
//! value stops the start with a sentence and never shows up later in a tenant.

mod database;
mod ingress;
mod network;
mod source;
mod workload;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use app_crd::Region;
use serde::Deserialize;
use telemetry::TelemetryConfig;

pub use database::DatabaseConfig;
pub use ingress::IngressConfig;
pub use network::{Dns, ExtraEgress, NetworkConfig, Protocol};
pub use source::ConfigError;
pub use workload::WorkloadConfig;

/// All settings of the operator.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Apps of another region are refused.
    pub region: Region,
    /// The control namespace.
    pub namespace: String,
    /// Apps looked after at the same moment.
    pub concurrency: u16,
    /// Seconds.
    pub reconcile_timeout: u64,
    /// Minutes.
    pub resync_interval: u64,
    pub image: ImageConfig,
    pub databases: Vec<DatabaseConfig>,
    pub ingress: IngressConfig,
    pub network: NetworkConfig,
    pub workload: WorkloadConfig,
    pub teardown: TeardownConfig,
    pub leader_election: LeaderElectionConfig,
    pub listen: ListenConfig,
    pub telemetry: TelemetryConfig,
}

/// Where the runtime's image comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageConfig {
    pub repository: String,
    pub pull_policy: String,
    /// `sha256:…` by runtime version.
    pub digests: BTreeMap<String, String>,
}

impl ImageConfig {
    /// The image of one runtime version: by digest where one is pinned, else by tag.
    pub fn of(&self, version: &str) -> String {
        match self.digests.get(version) {
            Some(digest) => format!("{}@{digest}", self.repository),
            None => format!("{}:{version}", self.repository),
        }
    }
}

/// Limits of a removal.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TeardownConfig {
    /// Seconds.
    pub workload_timeout: u64,
}

/// Which of several operators works.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeaderElectionConfig {
    pub enabled: bool,
    pub lease_name: String,
    /// Seconds.
    pub lease_duration: u64,
    /// Seconds.
    pub renew_before: u64,
}

/// Where the operator's own two servers listen.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListenConfig {
    pub address: IpAddr,
    pub metrics_port: u16,
    pub suspended_port: u16,
}

impl Config {
    /// Reads and checks the settings; `file` is laid over the defaults, the environment over both.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let config = source::load(file)?;
        config.check()?;
        Ok(config)
    }

    /// Reads and checks settings from text instead of a file, without the environment.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        let config = source::parse(text)?;
        config.check()?;
        Ok(config)
    }

    pub fn reconcile_timeout(&self) -> Duration {
        Duration::from_secs(self.reconcile_timeout)
    }

    pub fn resync_interval(&self) -> Duration {
        Duration::from_secs(self.resync_interval * 60)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &'static str, reason: String| Err(ConfigError::Value { key, reason });
        if self.concurrency == 0 {
            return wrong("concurrency", "must be at least 1".into());
        }
        let lease = &self.leader_election;
        if lease.renew_before == 0 || lease.renew_before >= lease.lease_duration {
            return wrong(
                "leaderElection.renewBefore",
                "must be at least 1 and less than leaseDuration".into(),
            );
        }
        if self.reconcile_timeout == 0 || self.resync_interval == 0 {
            return wrong("reconcileTimeout", "and resyncInterval must be at least 1".into());
        }
        database::check(&self.databases)?;
        self.ingress.check()?;
        self.workload.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_lack_only_the_region() {
        let error = Config::from_yaml("{}").unwrap_err().to_string();
        assert!(error.contains("region"), "{error}");
        let config = Config::from_yaml("region: eu").unwrap();
        assert_eq!(config.namespace, "slipway-apps");
        assert_eq!(config.concurrency, 16);
        assert!(config.leader_election.enabled);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = Config::from_yaml("region: eu\nconcurency: 4")
            .unwrap_err()
            .to_string();
        assert!(error.contains("concurency"), "{error}");
    }

    #[test]
    fn a_lease_is_renewed_before_it_ends() {
        let error = Config::from_yaml("region: eu\nleaderElection: { leaseDuration: 5, renewBefore: 5 }")
            .unwrap_err()
            .to_string();
        assert!(error.contains("leaderElection.renewBefore"), "{error}");
    }

    #[test]
    fn an_image_is_taken_by_digest_where_one_is_pinned() {
        let config =
            Config::from_yaml("region: eu\nimage: { repository: r/x, digests: { '2': 'sha256:ab' } }")
                .unwrap();
        assert_eq!(config.image.of("1"), "r/x:1");
        assert_eq!(config.image.of("2"), "r/x@sha256:ab");
    }
}
