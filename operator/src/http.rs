//! The operator's own two servers: metrics and health for the cluster, and the answer for suspended Apps.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use kube::runtime::reflector::Store;

use crate::app_object::AppObject;
use crate::config::ListenConfig;
use crate::gauges;
use crate::metrics::Metrics;
use crate::suspended;

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; choose another port in the section `listen`")]
pub struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// Whether this operator could do its work: the Apps are listed, and it leads or stands by.
pub type Readiness = Arc<AtomicBool>;

/// `/metrics`, `/healthz` and `/readyz`.
pub fn metrics(
    listen: &ListenConfig,
    metrics: Arc<Metrics>,
    apps: Store<AppObject>,
    ready: Readiness,
) -> Result<Server, ListenError> {
    let address = SocketAddr::new(listen.address, listen.metrics_port);
    let (metrics, ready, apps) = (
        web::Data::from(metrics),
        web::Data::from(ready),
        web::Data::new(apps),
    );
    let server = HttpServer::new(move || {
        App::new()
            .app_data(metrics.clone())
            .app_data(ready.clone())
            .app_data(apps.clone())
            .route("/metrics", web::get().to(show))
            .route("/healthz", web::get().to(HttpResponse::Ok))
            .route("/readyz", web::get().to(readyz))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .bind(address)
        .map_err(refused(address))?;
    Ok(server.run())
}

/// 402 for the hosts of suspended Apps.
pub fn suspended(listen: &ListenConfig, apps: Store<AppObject>) -> Result<Server, ListenError> {
    let address = SocketAddr::new(listen.address, listen.suspended_port);
    let apps = web::Data::new(apps);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(apps.clone())
            .default_service(web::to(suspended::answer))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .bind(address)
        .map_err(refused(address))?;
    Ok(server.run())
}

async fn show(metrics: web::Data<Metrics>, apps: web::Data<Store<AppObject>>) -> HttpResponse {
    gauges::count(&metrics, &apps);
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(metrics.render())
}

async fn readyz(ready: web::Data<AtomicBool>) -> HttpResponse {
    match ready.load(Ordering::Relaxed) {
        true => HttpResponse::Ok().body("ok"),
        false => HttpResponse::ServiceUnavailable().body("the Apps are not listed yet"),
    }
}

fn refused(address: SocketAddr) -> impl FnOnce(std::io::Error) -> ListenError {
    move |source| ListenError { address, source }
}
