//! When the database was last heard to have told every change ([`crate::watch`]).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// See the module.
pub struct Pulse {
    begun: Instant,
    /// Milliseconds since `begun`, plus one; zero: never.
    last: AtomicU64,
}

impl Pulse {
    /// How long silence is taken for quiet. The database lets the stream know twice in that time that nothing happened.
    pub const LASTS: Duration = Duration::from_secs(5);

    /// Everything that happened before `until` has been heard and seen to.
    pub fn beat(&self, until: Instant) {
        let since = until.saturating_duration_since(self.begun);
        self.last.store(millis(since) + 1, Ordering::Release);
    }

    /// The stream is lost.
    pub fn stop(&self) {
        self.last.store(0, Ordering::Release);
    }

    /// Whether nothing that happened longer than [`Self::LASTS`] ago is unheard of.
    pub fn is_alive(&self) -> bool {
        match self.last.load(Ordering::Acquire) {
            0 => false,
            last => {
                u128::from(millis(self.begun.elapsed()).saturating_sub(last - 1)) < Self::LASTS.as_millis()
            }
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX - 1)
}

impl Default for Pulse {
    /// Never heard from.
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            last: AtomicU64::new(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_too_long_ago_is_no_pulse() {
        let mut pulse = Pulse::default();
        assert!(!pulse.is_alive(), "never heard from");
        let now = pulse.begun;
        pulse.beat(now);
        assert!(pulse.is_alive());
        // A stream that is still busy with what happened ten seconds ago.
        pulse.begun = now.checked_sub(Duration::from_secs(10)).unwrap_or(now);
        pulse.beat(pulse.begun);
        assert!(!pulse.is_alive());
        pulse.beat(now);
        assert!(pulse.is_alive());
        pulse.stop();
        assert!(!pulse.is_alive());
    }
}
