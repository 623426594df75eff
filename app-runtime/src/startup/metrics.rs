//! `GET /metrics` for Prometheus, on its own port of this machine, never on the app's public one.

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};

use super::limits;
use crate::metering::Meter;
use crate::users::passwords;

/// Serves until the process ends; starts in the background.
///
/// # Errors
/// When the port is taken.
pub fn spawn(port: u16, meter: Arc<Meter>) -> std::io::Result<()> {
    let meter = web::Data::from(meter);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(meter.clone())
            .route("/metrics", web::get().to(metrics))
    })
    .workers(1)
    .worker_max_blocking_threads(1)
    .disable_signals()
    .bind((Ipv4Addr::LOCALHOST, port))?
    .run();
    tokio::spawn(server);
    Ok(())
}

async fn metrics(meter: web::Data<Meter>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(exposition(&meter))
}

fn exposition(meter: &Meter) -> String {
    let counters = meter.read();
    let values = [
        (
            "slipway_requests_total",
            "counter",
            "API requests served.",
            counters.requests,
        ),
        (
            "slipway_request_bytes_total",
            "counter",
            "Bytes of request bodies.",
            counters.bytes_in,
        ),
        (
            "slipway_response_bytes_total",
            "counter",
            "Bytes of response bodies.",
            counters.bytes_out,
        ),
        (
            "slipway_job_runs_total",
            "counter",
            "Runs of background jobs.",
            counters.job_runs,
        ),
        (
            "slipway_password_checks_total",
            "counter",
            "Passwords compared with a hash, some 50 ms of a core each.",
            passwords::checks(),
        ),
        (
            "slipway_uptime_seconds",
            "counter",
            "Seconds since the start.",
            meter.uptime().as_secs(),
        ),
        (
            "process_resident_memory_bytes",
            "gauge",
            "Memory held.",
            limits::resident_bytes().unwrap_or(0),
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in values {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_has_help_type_and_value() {
        let meter = Meter::new();
        meter.request(3, 5);
        let text = exposition(&meter);
        assert!(
            text.contains("# TYPE slipway_requests_total counter\nslipway_requests_total 1\n"),
            "{text}"
        );
        assert!(text.contains("\nslipway_response_bytes_total 5\n"));
        assert_eq!(text.lines().count() % 3, 0);
    }
}
