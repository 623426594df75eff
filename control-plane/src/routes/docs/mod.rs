//! The documentation at `/docs`, for anybody.

pub mod get;
pub mod page;
pub mod style;

use actix_web::{HttpResponse, http::StatusCode, http::header};

/// Text with one style sheet from here; no scripts.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

fn html(status: StatusCode, document: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(document)
}
