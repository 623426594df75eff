//! How the pods of a tenant run.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ConfigError;

/// The Deployment of every App.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadConfig {
    pub cpu_request_percent: u32,
    pub memory_request_percent: u32,
    pub target_cpu_percent: u32,
    pub zones: bool,
    pub node_selector: BTreeMap<String, String>,
    pub runtime_class_name: Option<String>,
    /// Seconds.
    pub pre_stop_seconds: u32,
    /// Seconds.
    pub drain_seconds: u32,
    /// Seconds.
    pub progress_deadline_seconds: u32,
}

impl WorkloadConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (key, percent) in [
            ("workload.cpuRequestPercent", self.cpu_request_percent),
            ("workload.memoryRequestPercent", self.memory_request_percent),
            ("workload.targetCpuPercent", self.target_cpu_percent),
        ] {
            if !(1..=100).contains(&percent) {
                let reason = "must be between 1 and 100".to_owned();
                return Err(ConfigError::Value { key, reason });
            }
        }
        Ok(())
    }
}
