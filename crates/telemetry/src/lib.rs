//! Logs and traces of our binaries, and the one TLS provider they all use.
//!
//! Libraries only emit `tracing` events and spans, with the names in [`fields`]; each `main` calls [`init`] once and
//! keeps the [`Guard`] until it ends. Logs go to standard error. Spans are exported over OTLP/HTTP when an endpoint is
//! configured; when none is, no exporter, thread or client exists.

mod config;
mod export;
pub mod fields;

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

pub use config::{Format, InitError, TelemetryConfig};

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Makes ring the process's TLS implementation. Call it first thing in `main`: with two providers linked, rustls
/// panics at the first connection unless one was chosen. Calling it again changes nothing.
pub fn install_crypto_provider() {
    // An error only says that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Sends what is emitted from now on to standard error and, if configured, to the OTLP collector.
///
/// `service` becomes `service.name` of every span. Errors name the setting that is wrong.
pub fn init(service: &'static str, config: &TelemetryConfig) -> Result<Guard, InitError> {
    install_crypto_provider();
    let filter = EnvFilter::try_new(&config.filter).map_err(|source| InitError::Filter {
        filter: config.filter.clone(),
        source,
    })?;
    let provider = config
        .otlp_endpoint
        .as_deref()
        .map(|url| export::provider(service, url))
        .transpose()?;
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(service))
            .with_filter(export::own_requests())
    });
    let layers: Vec<BoxedLayer> = [Some(log_layer(config.format)), traces.map(Layer::boxed)]
        .into_iter()
        .flatten()
        .collect();
    let guard = Guard { provider };
    tracing_subscriber::registry()
        .with(layers.with_filter(filter))
        .try_init()
        .map_err(|_| InitError::AlreadyInitialised)?;
    Ok(guard)
}

fn log_layer(format: Format) -> BoxedLayer {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        Format::Text => layer.with_ansi(std::io::stderr().is_terminal()).boxed(),
        Format::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
    }
}

/// Sends the spans still waiting when it is dropped, for at most five seconds. Keep it until the end of `main`.
#[must_use = "dropping the guard stops the export of traces"]
pub struct Guard {
    provider: Option<SdkTracerProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.provider.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces were not delivered");
        }
    }
}
