//! The counters. Adding costs a relaxed atomic increment and never waits.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;
use tokio::sync::Notify;

/// Cumulative usage of this process since its start.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    job_runs: AtomicU64,
    counted: Notify,
}

/// One reading of a [`Meter`]; the `counters` object of a usage report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    pub requests: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub job_runs: u64,
}

impl Meter {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one API request with the sizes of its body and of the response's body, in bytes.
    ///
    /// Not for health checks, `OPTIONS`, or paths outside the mount.
    pub fn request(&self, bytes_in: u64, bytes_out: u64) {
        self.bytes_in.fetch_add(bytes_in, Relaxed);
        self.bytes_out.fetch_add(bytes_out, Relaxed);
        self.requests.fetch_add(1, Relaxed);
        self.counted.notify_one();
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

    /// Returns once a request has been counted since the last return. One waiter only: the reporter.
    pub async fn counted(&self) {
        self.counted.notified().await;
    }
}
