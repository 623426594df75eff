//! Rules that hold for every app.

use chrono::TimeDelta;
use serde::Deserialize;

use super::Problems;

/// Section `apps`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppsConfig {
    pub undo_window_days: u32,
}

impl AppsConfig {
    /// From a deletion until the data is dropped.
    pub fn undo_window(&self) -> TimeDelta {
        TimeDelta::days(self.undo_window_days.into())
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.unless(
            self.undo_window_days <= 365,
            "apps.undo_window_days",
            "must be 0 to 365",
        );
    }
}
