//! What `/metrics` shows.

use std::time::Duration;

use prometheus::{
    Encoder, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

/// All counters of one operator.
pub struct Metrics {
    registry: Registry,
    /// Looks at Apps, by result: `ok` or the kind of the error.
    pub reconciles: IntCounterVec,
    pub reconcile_seconds: Histogram,
    /// From the creation of an App to its first Ready.
    pub ready_seconds: Histogram,
    /// From the deletion of an App to its end.
    pub teardown_seconds: Histogram,
    /// Objects that somebody else had changed, by kind.
    pub drift: IntCounterVec,
    /// Apps by condition type and status.
    pub apps: IntGaugeVec,
    /// 1 while this operator works, 0 while it stands by.
    pub leader: IntGauge,
    /// 1 while a database cluster answers.
    pub database_up: IntGaugeVec,
    /// Requests to the API server by verb and status code.
    pub requests: IntCounterVec,
    /// How long they took, watches apart.
    pub request_seconds: HistogramVec,
    /// Seconds since 1970 at which the last look ended.
    pub last_reconcile: Gauge,
}

impl Metrics {
    /// Fails only on a name used twice, which the tests would show.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some("slipway_operator".to_owned()), None)?;
        let seconds = |name: &str, help: &str, start: f64| {
            let buckets = prometheus::exponential_buckets(start, 2.0, 14)?;
            register(
                &registry,
                Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets))?,
            )
        };
        let counters = |name: &str, help: &str, labels: &[&str]| {
            register(&registry, IntCounterVec::new(Opts::new(name, help), labels)?)
        };
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            register(&registry, IntGaugeVec::new(Opts::new(name, help), labels)?)
        };
        Ok(Self {
            reconciles: counters("reconciles_total", "Looks at Apps by result.", &["result"])?,
            reconcile_seconds: seconds("reconcile_seconds", "Duration of one look at one App.", 0.001)?,
            ready_seconds: seconds("time_to_ready_seconds", "From creation to the first Ready.", 0.25)?,
            teardown_seconds: seconds("teardown_seconds", "From deletion to the end of an App.", 0.25)?,
            drift: counters(
                "drift_corrections_total",
                "Objects that somebody else had changed.",
                &["kind"],
            )?,
            apps: gauges("apps", "Apps by condition.", &["condition", "status"])?,
            leader: register(
                &registry,
                IntGauge::new("leader", "1 while this operator works.")?,
            )?,
            database_up: gauges("database_up", "1 while the cluster answers.", &["cluster"])?,
            requests: counters(
                "kubernetes_requests_total",
                "Requests to the API server.",
                &["verb", "code"],
            )?,
            request_seconds: register(
                &registry,
                HistogramVec::new(
                    HistogramOpts::new(
                        "kubernetes_request_seconds",
                        "Duration of requests to the API server.",
                    )
                    .buckets(prometheus::exponential_buckets(0.001, 2.0, 14)?),
                    &["verb"],
                )?,
            )?,
            last_reconcile: register(
                &registry,
                Gauge::new(
                    "last_reconcile_timestamp_seconds",
                    "When the last look at any App ended.",
                )?,
            )?,
            registry,
        })
    }

    /// Counts one look at one App.
    pub fn reconciled(&self, result: &str, took: Duration) {
        self.reconciles.with_label_values(&[result]).inc();
        self.reconcile_seconds.observe(took.as_secs_f64());
    }

    /// Everything in the text format of Prometheus.
    pub fn render(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory fails only for a metric without samples, which leaves out that metric.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
}

fn register<C>(registry: &Registry, collector: C) -> Result<C, prometheus::Error>
where
    C: prometheus::core::Collector + Clone + 'static,
{
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_shown() {
        let metrics = Metrics::new().unwrap();
        metrics.reconciled("ok", Duration::from_millis(3));
        metrics.leader.set(1);
        let text = metrics.render();
        assert!(
            text.contains(r#"slipway_operator_reconciles_total{result="ok"} 1"#),
            "{text}"
        );
        assert!(text.contains("slipway_operator_leader 1"), "{text}");
    }
}
