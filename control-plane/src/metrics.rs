//! What Prometheus is told at `/metrics`: requests by route template and status, their durations, the
//! connection pool, apps by status.

use std::time::Duration;

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use sqlx::PgPool;

/// From one millisecond to ten seconds; password hashing sits in the middle.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The instruments of this process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    pool_open: IntGauge,
    pool_idle: IntGauge,
    apps: IntGaugeVec,
}

impl Metrics {
    /// Registers all instruments.
    pub fn new() -> Result<Self, prometheus::Error> {
        let requests = IntCounterVec::new(
            Opts::new("slipway_http_requests_total", "Requests answered."),
            &["method", "route", "status"],
        )?;
        let durations = HistogramVec::new(
            HistogramOpts::new(
                "slipway_http_request_duration_seconds",
                "Time to answer a request.",
            )
            .buckets(SECONDS.to_vec()),
            &["method", "route"],
        )?;
        let pool_open = IntGauge::new("slipway_database_connections_open", "Open database connections.")?;
        let pool_idle = IntGauge::new("slipway_database_connections_idle", "Idle database connections.")?;
        let apps = IntGaugeVec::new(Opts::new("slipway_apps", "Apps by status."), &["status"])?;
        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(durations.clone()))?;
        registry.register(Box::new(pool_open.clone()))?;
        registry.register(Box::new(pool_idle.clone()))?;
        registry.register(Box::new(apps.clone()))?;
        Ok(Self {
            registry,
            requests,
            durations,
            pool_open,
            pool_idle,
            apps,
        })
    }

    /// Counts an answered request. `route` is a template, so that ids do not become labels.
    pub fn answered(&self, method: &str, route: &str, status: u16, elapsed: Duration) {
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .inc();
        self.durations
            .with_label_values(&[method, route])
            .observe(elapsed.as_secs_f64());
    }

    /// The present state of things that are not counted as they happen.
    pub fn observe(&self, pool: &PgPool, apps_by_status: &[(String, i64)]) {
        self.pool_open.set(pool.size().into());
        self.pool_idle
            .set(i64::try_from(pool.num_idle()).unwrap_or(i64::MAX));
        self.apps.reset();
        for (status, count) in apps_by_status {
            self.apps.with_label_values(&[status]).set(*count);
        }
    }

    /// Everything in Prometheus' text format.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
