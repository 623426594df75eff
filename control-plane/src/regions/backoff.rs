//! Waiting longer after every failure, with jitter so that many apps do not retry in step.

use std::time::Duration;

/// Counts failures in a row and says how long to wait after each.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
        }
    }

    /// Counts a failure; the wait doubles each time up to the longest, less up to a quarter of it.
    pub fn next_delay(&mut self) -> Duration {
        self.delay_with(rand::random_range(0.75..=1.0))
    }

    fn delay_with(&mut self, jitter: f64) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        self.first
            .saturating_mul(1 << doublings)
            .min(self.longest)
            .mul_f64(jitter)
    }

    /// Failures since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Forgets the failures: it works again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_the_longest_and_starts_over() {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(1));
        let delays: Vec<_> = (0..5).map(|_| backoff.delay_with(1.0).as_millis()).collect();
        assert_eq!(delays, [200, 400, 800, 1000, 1000]);
        assert_eq!(backoff.failures(), 5);
        backoff.reset();
        assert_eq!(backoff.delay_with(0.75).as_millis(), 150);
    }

    #[test]
    fn endless_failures_do_not_overflow() {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
        backoff.failures = u32::MAX;
        assert!(backoff.next_delay() <= Duration::from_secs(30));
    }
}
