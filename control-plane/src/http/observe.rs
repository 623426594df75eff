//! The outermost layer: a request id, one log line, one count.

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use std::time::{Duration, Instant};
use tracing::{Instrument, Span, field::Empty};

use crate::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps the whole application.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = now();
    let id = request_id(&request);
    let method = request.method().to_string();
    let span = tracing::info_span!(
        "request",
        request.id = id,
        http.request.method = method,
        http.route = Empty,
        account.id = Empty,
        app.id = Empty,
    );
    let mut response = next
        .call(request)
        .instrument(span.clone())
        .await?
        .map_into_boxed_body();
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    span.in_scope(|| answered(&response, &method, started.elapsed()));
    Ok(response)
}

#[allow(clippy::disallowed_methods)] // Measures; no rule depends on it.
fn now() -> Instant {
    Instant::now()
}

fn answered(response: &ServiceResponse<BoxBody>, method: &str, elapsed: Duration) {
    let request = response.request();
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    Span::current().record("http.route", &route);
    AppState::of(request)
        .metrics
        .answered(method, &route, status, elapsed);
    let elapsed_ms = elapsed.as_secs_f64() * 1_000.0;
    if request.extensions().contains::<Quiet>() {
        tracing::debug!(
            http.route = route,
            http.response.status_code = status,
            elapsed_ms,
            "answered"
        );
    } else {
        tracing::info!(
            http.route = route,
            http.response.status_code = status,
            elapsed_ms,
            "answered"
        );
    }
}

/// Put into a request's extensions by probes and reports that come every few seconds: their line is for
/// debugging only.
#[derive(Debug)]
pub struct Quiet;

/// The caller's own id when it is harmless, else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match given.filter(harmless) {
        Some(id) => id.to_owned(),
        None => AppState::of(request.request())
            .ids
            .ulid()
            .to_string()
            .to_lowercase(),
    }
}
