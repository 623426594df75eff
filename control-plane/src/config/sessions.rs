//! How long console sessions live.

use chrono::TimeDelta;
use serde::Deserialize;

use super::Problems;

/// Section `sessions`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsConfig {
    pub lifetime_days: u32,
    pub idle_days: u32,
}

impl SessionsConfig {
    /// From login to the end, used or not.
    pub fn lifetime(&self) -> TimeDelta {
        TimeDelta::days(self.lifetime_days.into())
    }

    /// From the last use to the end.
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::days(self.idle_days.into())
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        let days = 1..=400;
        problems.unless(
            days.contains(&self.lifetime_days),
            "sessions.lifetime_days",
            "must be 1 to 400",
        );
        problems.unless(
            days.contains(&self.idle_days),
            "sessions.idle_days",
            "must be 1 to 400",
        );
    }
}
