//! The usage report as the control plane takes it (`POST /internal/v1/usage`).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use super::Counters;

/// What one process used since its start. Every value is cumulative or a present amount, so reports may be lost,
/// repeated or reordered.
#[derive(Clone, Debug, Serialize)]
pub struct UsageReport {
    /// The app's id at the control plane, `app_…`.
    pub app: String,
    /// Random per process start.
    pub instance: String,
    #[serde(serialize_with = "rfc3339")]
    pub started_at: DateTime<Utc>,
    /// Grows by one with every report of this instance.
    pub sequence: u64,
    #[serde(serialize_with = "rfc3339")]
    pub at: DateTime<Utc>,
    pub counters: Counters,
    pub gauges: Gauges,
    pub engine: EngineUsage,
}

/// Present amounts, in bytes. An amount that is not known is left out, never reported as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gauges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_bytes: Option<u64>,
}

/// Compute size and how long it ran, in seconds since the process start.
#[derive(Clone, Debug, Serialize)]
pub struct EngineUsage {
    pub tier: String,
    pub seconds: u64,
}

fn rfc3339<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
}
