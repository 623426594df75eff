//! How much one caller, account or organization may do.

use serde::Deserialize;

use super::Problems;

/// Section `limits`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    pub signups_per_minute: u32,
    pub logins_per_minute: u32,
    pub reveals_per_minute: u32,
    pub failures_before_lock: u32,
    pub first_lock_seconds: u32,
    pub longest_lock_seconds: u32,
    pub apps_per_organization: u32,
    pub tokens_per_account: u32,
    /// 0: one per core.
    pub parallel_password_hashes: usize,
}

impl LimitsConfig {
    /// Passwords hashed at once.
    pub fn hash_slots(&self) -> usize {
        match self.parallel_password_hashes {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            slots => slots,
        }
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        let positive = [
            ("limits.signups_per_minute", self.signups_per_minute),
            ("limits.logins_per_minute", self.logins_per_minute),
            ("limits.reveals_per_minute", self.reveals_per_minute),
            ("limits.failures_before_lock", self.failures_before_lock),
            ("limits.first_lock_seconds", self.first_lock_seconds),
            ("limits.apps_per_organization", self.apps_per_organization),
            ("limits.tokens_per_account", self.tokens_per_account),
        ];
        for (key, value) in positive {
            problems.unless(value > 0, key, "must be at least 1");
        }
        problems.unless(
            self.longest_lock_seconds >= self.first_lock_seconds,
            "limits.longest_lock_seconds",
            "must not be less than limits.first_lock_seconds",
        );
    }
}
