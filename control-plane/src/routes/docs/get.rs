//! `GET /docs`

use actix_web::{HttpResponse, http::StatusCode};

use crate::docs;

/// The list of all pages.
pub async fn docs_index() -> HttpResponse {
    super::html(StatusCode::OK, docs::index())
}
