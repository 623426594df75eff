//! Between actix and the protocol.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use actix_web::error::PayloadError;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, ORIGIN, RETRY_AFTER, X_FORWARDED_FOR};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, web};

use crate::app::AppState;
use crate::live::Live;
use crate::protocol::envelope::{Envelope, RawRequest};
use crate::protocol::error::{ParseError, ParseResult};
use crate::routes::context::{Context, Reply};
use crate::routes::rate_limits::Counted;
use crate::routes::{body, guards, pages, table};
use crate::users::authenticate::authenticate;

/// Marks a request whose path means nothing; such requests are not counted.
pub struct Unrouted;

/// Serves everything below the mount.
pub async fn serve(request: HttpRequest, live: web::Data<Live>, payload: web::Payload) -> HttpResponse {
    let app = live.current();
    if request.method() == Method::OPTIONS {
        return respond(&app, &request, StatusCode::OK).body("OK");
    }
    let path = request.match_info().query("path").to_owned();
    if path.trim_end_matches('/') == "health" {
        return health(&live, respond(&app, &request, StatusCode::OK));
    }
    if let Some(reason) = &app.settings.suspended {
        return suspended(respond(&app, &request, StatusCode::PAYMENT_REQUIRED), reason);
    }
    let body = body::read(&request, payload.into_inner(), app.settings.max_upload_size).await;
    if let Some(page) = pages::resolve(&app.settings.pages, request.method(), &path) {
        return pages::serve(&request, &app, page, &body.unwrap_or_default()).await;
    }
    match answer(&request, &app, &path, body).await {
        Ok(Some(reply)) => success(&app, &request, reply),
        Ok(None) => {
            request.extensions_mut().insert(Unrouted);
            let message = format!("Cannot {} {}", request.method(), request.path());
            respond(&app, &request, StatusCode::NOT_FOUND).json(serde_json::json!({ "error": message }))
        }
        Err(error) => failure(&app, &request, &error),
    }
}

/// Names the settings in force, so that a supervisor that changed them sees when they are.
fn health(live: &Live, mut response: HttpResponseBuilder) -> HttpResponse {
    let report = live.report();
    if let Some(hash) = &report.hash {
        response.insert_header(("X-Slipway-Settings", hash.as_str()));
    }
    response.json(report.health())
}

/// What everybody gets while the app must not serve.
fn suspended(mut response: HttpResponseBuilder, reason: &str) -> HttpResponse {
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.json(serde_json::json!({ "code": StatusCode::PAYMENT_REQUIRED.as_u16(), "error": reason }))
}

/// `None` if there is no such route.
async fn answer(
    request: &HttpRequest,
    app: &AppState,
    path: &str,
    body: Result<web::Bytes, PayloadError>,
) -> ParseResult<Option<Reply>> {
    let body = body.map_err(|error| unreadable(&error))?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let raw = RawRequest {
        method: effective_method(request.method()),
        header: &header,
        query: request.query_string(),
        body: &body,
    };
    let envelope = Envelope::decode(&raw, &app.settings.app_id)?;
    let Some(route) = table::resolve(&envelope.method, path) else {
        return Ok(None);
    };
    let ip = client_ip(app, request);
    let caller = authenticate(app, &envelope.credentials, ip, route.token_use()).await;
    let method = envelope.method.as_str();
    let counted = Counted {
        path,
        methods: &[method],
        ip,
        caller: caller.as_ref().ok(),
    };
    app.rate_limits.check(&counted, Instant::now())?;
    let caller = caller?;
    guards::check_route(&app.settings, &caller, method, path)?;
    guards::check_first_time(app, method, path, header("x-parse-request-id")).await?;
    route
        .run(Context {
            app,
            caller,
            ip,
            body: envelope.body,
            query: envelope.query,
        })
        .await
        .map(Some)
}

/// HEAD is GET without the body, which the server leaves out by itself.
fn effective_method(method: &Method) -> &str {
    match method.as_str() {
        "HEAD" => "GET",
        other => other,
    }
}

/// The client's address, as far as the proxies in front are believed.
fn client_ip(app: &AppState, request: &HttpRequest) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| {
            address.ip().to_canonical()
        });
    let forwarded_for = request.headers().get_all(X_FORWARDED_FOR);
    let lines = forwarded_for.map(|line| line.as_bytes());
    app.settings.trust_proxy.client_ip(peer, lines)
}

/// A body that is too large, cut off, or not what its headers say.
fn unreadable(error: &PayloadError) -> ParseError {
    match error {
        PayloadError::Overflow => ParseError::http(413, "request entity too large"),
        _ => ParseError::http(400, format!("The request body could not be read: {error}")),
    }
}

fn success(app: &AppState, request: &HttpRequest, reply: Reply) -> HttpResponse {
    let mut response = respond(
        app,
        request,
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK),
    );
    if let Some(location) = reply.location {
        response.insert_header((LOCATION, format!("{}{location}", app.public_url)));
    }
    response
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .body(reply.body)
}

fn failure(app: &AppState, request: &HttpRequest, error: &ParseError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::warn!(%error, path = request.path(), "request failed");
    } else {
        tracing::debug!(%error, path = request.path(), "request refused");
    }
    let body = error
        .body(app.settings.enable_sanitized_error_response)
        .to_string();
    let mut response = respond(app, request, status);
    if let Some(seconds) = error.retry_after() {
        response.insert_header((RETRY_AFTER, seconds));
    }
    response
        .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
        .body(body)
}

fn respond(app: &AppState, request: &HttpRequest, status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    app.cors.add(request.headers().get(ORIGIN), &mut response);
    response
}
