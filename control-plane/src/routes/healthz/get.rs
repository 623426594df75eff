//! `GET /healthz`: the process runs.

use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde_json::json;

use crate::http::Quiet;

/// Whether the process answers. Says nothing about what it depends on; `/readyz` does.
#[utoipa::path(
    get, path = "/healthz", tag = "operations", security(()),
    responses((status = 200, description = "It runs.")),
)]
pub async fn healthz(request: HttpRequest) -> HttpResponse {
    request.extensions_mut().insert(Quiet);
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}
