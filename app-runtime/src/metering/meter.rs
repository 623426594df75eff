//! The counters. Adding costs a few relaxed atomic operations and never waits.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::Instant;

/// After this long without a request, the next one is reported at once: somebody may be watching for it.
pub const SILENCE: Duration = Duration::from_secs(10);

/// Cumulative usage of this process since its start.
#[derive(Debug)]
pub struct Meter {
    started: Instant,
    requests: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    job_runs: AtomicU64,
    /// Milliseconds from `started` to the last request.
    last_request: AtomicU64,
    woken: Notify,
}

/// One reading of a [`Meter`]; the `counters` object of a usage report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    pub requests: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub job_runs: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            requests: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            job_runs: AtomicU64::new(0),
            last_request: AtomicU64::new(0),
            woken: Notify::new(),
        }
    }

    /// Counts one API request with the sizes of its body and of the response's body, in bytes.
    ///
    /// Not for health checks, `OPTIONS`, or paths outside the mount.
    pub fn request(&self, bytes_in: u64, bytes_out: u64) {
        self.bytes_in.fetch_add(bytes_in, Relaxed);
        self.bytes_out.fetch_add(bytes_out, Relaxed);
        let first = self.requests.fetch_add(1, Relaxed) == 0;
        let now = milliseconds(self.started.elapsed());
        let before = self.last_request.swap(now, Relaxed);
        if first || now.saturating_sub(before) >= milliseconds(SILENCE) {
            self.woken.notify_one();
        }
    }

    /// Counts one run of a background job.
    pub fn job_run(&self) {
        self.job_runs.fetch_add(1, Relaxed);
    }

    #[must_use]
    pub fn read(&self) -> Counters {
        Counters {
            requests: self.requests.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            job_runs: self.job_runs.load(Relaxed),
        }
    }

    /// Time since the process started counting.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Returns when a request was counted that is the first ever or the first after [`SILENCE`]. For one waiter.
    pub async fn woken(&self) {
        self.woken.notified().await;
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn woke(meter: &Meter) -> bool {
        meter.woken().now_or_never().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn counts_add_up() {
        let meter = Meter::new();
        meter.request(10, 200);
        meter.request(5, 0);
        meter.job_run();
        assert_eq!(
            meter.read(),
            Counters {
                requests: 2,
                bytes_in: 15,
                bytes_out: 200,
                job_runs: 1
            }
        );
    }

    #[tokio::test(start_paused = true)]
    async fn first_request_and_first_after_silence_wake_the_reporter() {
        let meter = Meter::new();
        assert!(!woke(&meter));
        meter.request(0, 0);
        assert!(woke(&meter));
        tokio::time::advance(SILENCE - Duration::from_millis(1)).await;
        meter.request(0, 0);
        assert!(!woke(&meter));
        tokio::time::advance(SILENCE).await;
        meter.request(0, 0);
        assert!(woke(&meter));
    }
}
