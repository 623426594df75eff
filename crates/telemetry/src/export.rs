//! The OTLP/HTTP exporter. It runs on a thread of its own with a blocking client, so it works with every async
//! runtime, and the last spans can be sent while that runtime shuts down.

use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::Metadata;
use tracing_subscriber::filter::{FilterFn, filter_fn};

use crate::InitError;

const TRACES_PATH: &str = "/v1/traces";

/// A tracer provider that sends spans of `service` to the collector at `endpoint`.
pub(crate) fn provider(service: &'static str, endpoint: &str) -> Result<SdkTracerProvider, InitError> {
    let invalid = |reason: String| InitError::Endpoint {
        endpoint: endpoint.to_owned(),
        reason,
    };
    let url = traces_url(endpoint).ok_or_else(|| invalid("no http:// or https:// and host".to_owned()))?;
    let exporter = SpanExporter::builder().with_http().with_endpoint(url).build();
    let exporter = exporter.map_err(|error| invalid(error.to_string()))?;
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

/// The exporter takes its endpoint literally; the OTLP specification appends the path of the signal to a base URL.
/// None unless it is an absolute HTTP URL.
fn traces_url(endpoint: &str) -> Option<String> {
    let base = endpoint.trim_end_matches('/');
    let host = base
        .strip_prefix("http://")
        .or_else(|| base.strip_prefix("https://"))?;
    let path = if base.ends_with(TRACES_PATH) {
        ""
    } else {
        TRACES_PATH
    };
    (!host.is_empty()).then(|| format!("{base}{path}"))
}

/// Keeps the spans of the exporter's own HTTP requests out of the export, which would otherwise feed itself.
pub(crate) fn own_requests() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    const QUIET: [&str; 5] = ["h2", "hyper", "opentelemetry", "reqwest", "rustls"];
    filter_fn(|metadata| {
        !QUIET
            .iter()
            .any(|crate_name| metadata.target().starts_with(crate_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traces_path_is_appended_once() {
        let url = |endpoint| traces_url(endpoint).expect("a valid endpoint");
        assert_eq!(url("http://collector:4318"), "http://collector:4318/v1/traces");
        assert_eq!(url("http://collector:4318/"), "http://collector:4318/v1/traces");
        assert_eq!(
            url("https://otlp.example/prefix/v1/traces"),
            "https://otlp.example/prefix/v1/traces"
        );
    }
}
