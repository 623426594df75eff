//! How long to wait after a failure: longer after each one in a row, for each App by itself, and never in step with others.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Retry;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST_SOON: Duration = Duration::from_secs(30);
const LONGEST_LATER: Duration = Duration::from_secs(300);

/// Failures in a row without any progress, by App.
#[derive(Debug, Default)]
pub struct Backoffs(Mutex<HashMap<String, u32>>);

impl Backoffs {
    /// Counts a failure and says how long to wait.
    pub fn after_failure(&self, app: &str, retry: Retry) -> Duration {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(app.to_owned()).or_default();
        let wait = delay(*count, retry, rand::random_range(0.75..=1.0));
        *count = count.saturating_add(1);
        wait
    }

    /// It worked, or got on.
    pub fn reset(&self, app: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(app);
    }
}

fn delay(failures: u32, retry: Retry, jitter: f64) -> Duration {
    let longest = match retry {
        Retry::Soon => LONGEST_SOON,
        Retry::Later => LONGEST_LATER,
    };
    FIRST
        .saturating_mul(1 << failures.min(16))
        .min(longest)
        .mul_f64(jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        let waits: Vec<_> = (0..8)
            .map(|failures| delay(failures, Retry::Soon, 1.0).as_millis())
            .collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(delay(u32::MAX, Retry::Later, 1.0), LONGEST_LATER);
    }

    #[test]
    fn each_app_has_its_own_count_and_a_success_starts_over() {
        let backoffs = Backoffs::default();
        for _ in 0..5 {
            backoffs.after_failure("a", Retry::Soon);
        }
        assert!(backoffs.after_failure("a", Retry::Soon) > Duration::from_secs(10));
        assert!(backoffs.after_failure("b", Retry::Soon) <= FIRST);
        backoffs.reset("a");
        assert!(backoffs.after_failure("a", Retry::Soon) <= FIRST);
    }
}
