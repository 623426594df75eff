//! `GET /docs/style.css`

use actix_web::{HttpResponse, http::header};

use crate::docs;

/// The style sheet of every page.
pub async fn docs_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(docs::STYLE.as_str())
}
