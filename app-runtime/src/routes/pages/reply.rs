//! Pages as HTTP responses.
//!
//! A page may hold a token: it is not stored, not shown in a frame, and its address is not told to where it links.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use url::Url;

use crate::app::AppState;
use crate::pages::{Answer, Params};
use crate::protocol::error::ParseError;

/// A page, a file, a redirection, or nothing; the parameters are also in headers, for programs.
pub fn page(app: &AppState, answer: Answer, params: &Params) -> HttpResponse {
    match answer {
        Answer::Html { html, built_in } => {
            let mut response = respond(StatusCode::OK, params, app.settings.pages.encode_param_headers);
            let policy = if built_in {
                strict_policy(app)
            } else {
                "frame-ancestors 'none'".to_owned()
            };
            response
                .insert_header((CONTENT_SECURITY_POLICY, policy))
                .insert_header((X_FRAME_OPTIONS, "DENY"))
                .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
                .body(html)
        }
        Answer::File { name, content } => respond(StatusCode::OK, &Params::new(), false)
            .insert_header((
                CONTENT_TYPE,
                mime_guess::from_path(name).first_or_octet_stream().as_ref(),
            ))
            .body(content),
        Answer::Redirect(location) => respond(
            StatusCode::SEE_OTHER,
            params,
            app.settings.pages.encode_param_headers,
        )
        .insert_header((LOCATION, location))
        .finish(),
        Answer::NotFound => respond(StatusCode::NOT_FOUND, &Params::new(), false)
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body("Not found."),
    }
}

/// 200 with a JSON value, for scripts.
pub fn json(value: &str) -> HttpResponse {
    respond(StatusCode::OK, &Params::new(), false).json(value)
}

/// A refusal, as everywhere in the API.
pub fn error(app: &AppState, error: &ParseError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::warn!(%error, "a page could not be served");
    }
    respond(status, &Params::new(), false).json(error.body(app.settings.enable_sanitized_error_response))
}

/// Our pages need their own style and a form to this server; nothing else.
fn strict_policy(app: &AppState) -> String {
    let public = app
        .settings
        .public_server_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {public}; base-uri 'none'; frame-ancestors 'none'"
    )
}

fn respond(status: StatusCode, params: &Params, encode: bool) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    for (name, value) in params {
        let name = HeaderName::try_from(format!("x-parse-page-param-{}", name.to_ascii_lowercase()));
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&header_value(value, encode))) {
            response.insert_header((name, value));
        }
    }
    response
}

/// A parameter as a header carries it: without control characters, and encoded if the app wants that or must.
fn header_value(value: &str, encode: bool) -> String {
    if !encode && value.is_ascii() {
        return value
            .chars()
            .filter(|character| !character.is_ascii_control())
            .collect();
    }
    let mut out = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        // The characters that JavaScript's `encodeURIComponent` leaves alone.
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_hold_one_line_of_ascii() {
        assert_eq!(
            header_value("My App\r\nSet-Cookie: a=1", false),
            "My AppSet-Cookie: a=1"
        );
        assert_eq!(header_value("Café", false), "Caf%C3%A9");
        assert_eq!(header_value("My App", true), "My%20App");
    }
}
