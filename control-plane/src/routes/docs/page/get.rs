//! `GET /docs/{page}`

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::docs;

/// One page, or a page that says there is none.
pub async fn docs_page(request: HttpRequest) -> HttpResponse {
    match docs::page(request.match_info().query("page")) {
        Some(document) => super::super::html(StatusCode::OK, document),
        None => super::super::html(StatusCode::NOT_FOUND, docs::missing()),
    }
}
