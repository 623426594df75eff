//! The server before MongoDB answered: it says so, on the same socket the real server will use.

use std::net::TcpListener;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::json;

use super::shell::{Shell, around};
use crate::routes::Unrouted;

/// Answers everything with 503 until it is stopped. One thread: it has nothing to do.
///
/// # Errors
/// When the socket cannot be watched.
pub fn server(listener: TcpListener, shell: web::Data<Shell>) -> std::io::Result<(Server, ServerHandle)> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shell.clone())
            .default_service(web::to(not_ready))
            .wrap(from_fn(around))
    })
    .workers(1)
    .worker_max_blocking_threads(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)?
    .run();
    let handle = server.handle();
    Ok((server, handle))
}

async fn not_ready(request: HttpRequest) -> HttpResponse {
    request.extensions_mut().insert(Unrouted);
    let body = if request.path().ends_with("/health") {
        json!({"status": "starting"})
    } else {
        json!({"code": 1, "error": "The server is starting: its database does not answer yet. Try again in a second."})
    };
    // Closed, so that the next request on this connection finds the real server.
    HttpResponse::ServiceUnavailable()
        .insert_header((header::RETRY_AFTER, "1"))
        .force_close()
        .json(body)
}
