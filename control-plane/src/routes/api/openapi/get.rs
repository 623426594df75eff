//! `GET /api/v1/openapi.json`

use actix_web::{HttpResponse, http::header::ContentType};

use crate::openapi;

/// This document.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "operations", operation_id = "openapi", security(()),
    responses((status = 200, description = "The OpenAPI document of this API.")),
)]
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(openapi::document())
}
