//! What an operator can choose about logs and traces.

use serde::{Deserialize, Serialize};

/// Where logs and traces go. The binaries fill it from their own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// Base URL of an OTLP/HTTP collector, such as `http://localhost:4318`. None: no traces are exported.
    pub otlp_endpoint: Option<String>,
    /// How a log line is written.
    pub format: Format,
    /// Which events and spans are kept, in the syntax of `tracing-subscriber`: `info,sqlx=warn`.
    pub filter: String,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            format: Format::default(),
            filter: "info".to_owned(),
        }
    }
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people; coloured on a terminal.
    #[default]
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("the log filter `{filter}` is not valid; write for example `info` or `info,sqlx=warn`")]
    Filter {
        filter: String,
        source: tracing_subscriber::filter::ParseError,
    },
    #[error(
        "the OTLP endpoint `{endpoint}` cannot be used ({reason}); write for example `http://localhost:4318`"
    )]
    Endpoint { endpoint: String, reason: String },
    #[error("logs and traces are already set up in this process")]
    AlreadyInitialised,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_filter_is_named() {
        let config = TelemetryConfig {
            filter: "info,sqlx=loud".to_owned(),
            ..Default::default()
        };
        let error = crate::init("test", &config).err().expect("an error").to_string();
        assert!(error.contains("`info,sqlx=loud`"), "{error}");
    }

    #[test]
    fn an_invalid_endpoint_is_named() {
        for endpoint in ["", "localhost", "http://", "ftp://collector", "http://a b"] {
            let config = TelemetryConfig {
                otlp_endpoint: Some(endpoint.to_owned()),
                ..Default::default()
            };
            let error = crate::init("test", &config).err().expect(endpoint).to_string();
            assert!(error.contains(&format!("`{endpoint}`")), "{error}");
        }
    }
}
