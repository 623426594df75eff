//! Headers on every answer that tell a browser to stay on the safe side.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

use crate::config::{Driver, RegionsConfig};
use crate::state::AppState;

/// What the console may load: its own files. Vite emits no inline scripts or styles. It may also call the apps, for
/// the request that "Send one for me" makes.
pub fn console_policy(regions: &RegionsConfig) -> String {
    let mut callable = String::from("'self'");
    if regions.values().any(|region| region.driver == Driver::Local) {
        // Each app has a port of its own.
        callable.push_str(" http://127.0.0.1:* http://localhost:*");
    }
    for region in regions
        .values()
        .filter(|region| region.driver == Driver::Kubernetes)
    {
        // Each app has a host of its own.
        callable.push(' ');
        callable.push_str(&region.apps_origin());
    }
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src {callable}; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// An answer of the API is never a page.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Adds what the handler has not set itself.
pub async fn security_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let https = AppState::of(request.request()).config.server.is_https();
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    fill(headers, header::CONTENT_SECURITY_POLICY, API_POLICY);
    fill(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    fill(headers, header::X_FRAME_OPTIONS, "DENY");
    fill(headers, header::REFERRER_POLICY, "no-referrer");
    fill(headers, header::CACHE_CONTROL, "no-store");
    fill(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    if https {
        fill(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

fn fill(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
