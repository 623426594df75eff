//! The console, built by Vite into `web-console/dist` and embedded in the binary.
//!
//! Every path that is no endpoint is the console's: a file of the build, or `index.html` for a route the
//! console itself knows. Without a build, a small page says how to make one.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, ETag, EntityTag, Header, IfNoneMatch},
    },
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{error::ApiError, http::console_policy, state::AppState};

#[derive(RustEmbed)]
#[folder = "../web-console/dist"]
#[allow_missing = true]
struct Build;

const INDEX: &str = "index.html";
/// Files below it carry a hash of their content in their name.
const HASHED: &str = "assets/";
const NOT_BUILT: &str = include_str!("console_not_built.html");

/// Serves a file of the console, or its start page.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::MethodNotAllowed(request.method().to_string()));
    }
    let path = request.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("internal/") {
        return Err(ApiError::NotFound("endpoint"));
    }
    match Build::get(path) {
        Some(file) if !path.is_empty() => Ok(answer(&request, path, file)),
        None if path.starts_with(HASHED) => Err(ApiError::NotFound("file")),
        _ => Ok(match Build::get(INDEX) {
            Some(index) => answer(&request, INDEX, index),
            None => not_built(),
        }),
    }
}

fn answer(request: &HttpRequest, path: &str, file: EmbeddedFile) -> HttpResponse {
    let tag = EntityTag::new_weak(hex::encode(&file.metadata.sha256_hash()[..16]));
    let mut response = if is_known(request, &tag) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    let caching = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            console_policy(&AppState::of(request).config.regions),
        ))
        .insert_header(ETag(tag.clone()));
    if is_known(request, &tag) {
        return response.finish();
    }
    response
        .content_type(content_type(path))
        .body(file.data.into_owned())
}

/// Text is UTF-8; the browser is not to guess.
fn content_type(path: &str) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    match guess.type_().as_str() {
        "text" => format!("{guess}; charset=utf-8"),
        _ => guess.to_string(),
    }
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

fn not_built() -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .body(NOT_BUILT)
}
