//! Sends usage reports: every interval, at once for a first request or one after silence, and a last time at the end.
//!
//! Started by `startup` when settings name a destination. A report that does not arrive is followed by a newer one
//! after a growing, jittered pause; nothing is queued, because a later report says all an earlier one said.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use ids::Clock;
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::Meter;
use super::report::{EngineUsage, Gauges, UsageReport};

/// How long one report may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the last report may hold up the end of the process.
const LAST_TIMEOUT: Duration = Duration::from_secs(2);
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// Amounts change slowly, and asking MongoDB for them every interval would cost a fleet of idle apps.
const GAUGES_FRESH: Duration = Duration::from_secs(60);

/// Asks for the present amounts; unknown ones are absent.
pub type ReadGauges = Arc<dyn Fn() -> BoxFuture<'static, Gauges> + Send + Sync>;

/// Who reports, and to whom.
pub struct Destination {
    pub url: String,
    pub token: SecretString,
    pub interval: Duration,
    pub app: String,
    pub instance: String,
    pub tier: String,
}

/// A running reporter.
pub struct ReporterHandle {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl ReporterHandle {
    /// Sends the last report and ends; waits at most a few seconds.
    pub async fn finish(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the usage reporter ended early");
        }
    }
}

/// Starts reporting until [`ReporterHandle::finish`].
///
/// # Errors
/// When no HTTP client can be made, because the system's certificates cannot be read.
pub fn spawn(
    destination: Destination,
    meter: Arc<Meter>,
    read_gauges: ReadGauges,
    clock: Arc<dyn Clock>,
) -> Result<ReporterHandle, reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(SEND_TIMEOUT)
        .pool_max_idle_per_host(1)
        .build()?;
    let stop = CancellationToken::new();
    let started_at = clock.now();
    let reporter = Reporter {
        destination,
        meter,
        clock,
        started_at,
        client,
        sequence: 0,
        failures: 0,
        gauges: GaugeCache {
            read: read_gauges,
            last: Gauges::default(),
            read_at: None,
        },
    };
    let task = tokio::spawn(reporter.run(stop.clone()));
    Ok(ReporterHandle { stop, task })
}

struct Reporter {
    destination: Destination,
    meter: Arc<Meter>,
    clock: Arc<dyn Clock>,
    started_at: chrono::DateTime<chrono::Utc>,
    client: reqwest::Client,
    sequence: u64,
    failures: u32,
    gauges: GaugeCache,
}

impl Reporter {
    async fn run(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = self.report() => {}
                () = stop.cancelled() => break,
            }
            let due = Instant::now() + self.pause();
            tokio::select! {
                () = sleep_until(due) => {}
                // While reports fail, a burst of requests must not defeat the backoff.
                () = self.meter.woken(), if self.failures == 0 => {}
                () = stop.cancelled() => break,
            }
        }
        if timeout(LAST_TIMEOUT, self.report()).await.is_err() {
            tracing::warn!("the last usage report was not delivered in time");
        }
    }

    fn pause(&self) -> Duration {
        match self.failures {
            0 => self.destination.interval,
            failures => backoff(failures).mul_f64(rand::rng().random_range(0.5..1.0)),
        }
    }

    async fn report(&mut self) {
        let report = self.next_report().await;
        let outcome = self.send(&report).await;
        let (sequence, failures) = (report.sequence, self.failures);
        match outcome {
            Ok(()) if failures > 0 => tracing::info!(sequence, failures, "usage is reported again"),
            Ok(()) => tracing::debug!(sequence, requests = report.counters.requests, "usage reported"),
            // Once per outage, not once per try.
            Err(reason) if failures == 0 => {
                tracing::warn!(
                    sequence,
                    reason,
                    "usage report failed; it will be repeated until it arrives"
                );
            }
            Err(reason) => tracing::debug!(sequence, reason, failures, "usage report failed again"),
        }
    }

    async fn next_report(&mut self) -> UsageReport {
        self.sequence += 1;
        let gauges = self.gauges.get().await;
        UsageReport {
            app: self.destination.app.clone(),
            instance: self.destination.instance.clone(),
            started_at: self.started_at,
            sequence: self.sequence,
            at: self.clock.now(),
            counters: self.meter.read(),
            gauges,
            engine: EngineUsage {
                tier: self.destination.tier.clone(),
                seconds: self.meter.uptime().as_secs(),
            },
        }
    }

    /// Also counts failures in a row.
    async fn send(&mut self, report: &UsageReport) -> Result<(), String> {
        let token = self.destination.token.expose_secret();
        let response = self
            .client
            .post(&self.destination.url)
            .bearer_auth(token)
            .json(report)
            .send()
            .await;
        let outcome = match response {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!("the control plane answered {}", response.status())),
            Err(error) => Err(chain(&error)),
        };
        self.failures = if outcome.is_ok() {
            0
        } else {
            self.failures.saturating_add(1)
        };
        outcome
    }
}

struct GaugeCache {
    read: ReadGauges,
    last: Gauges,
    read_at: Option<Instant>,
}

impl GaugeCache {
    async fn get(&mut self) -> Gauges {
        let fresh = self.read_at.is_some_and(|at| at.elapsed() < GAUGES_FRESH);
        if !fresh {
            // A database that does not answer must not hold up the counters.
            if let Ok(gauges) = timeout(SEND_TIMEOUT, (self.read)()).await {
                self.last = gauges;
                self.read_at = gauges.database_bytes.is_some().then(Instant::now);
            }
        }
        self.last
    }
}

/// 0.5 s, 1 s, 2 s … 60 s.
fn backoff(failures: u32) -> Duration {
    FIRST_BACKOFF
        .saturating_mul(1 << failures.saturating_sub(1).min(16))
        .min(LONGEST_BACKOFF)
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests;
