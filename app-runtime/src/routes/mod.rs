//! The app's HTTP API. `http` turns a request into an envelope and a reply into a response, `table` says which path is
//! which route, `context` is what a route gets and gives; each folder below is a resource, each file a verb.

mod aggregate;
mod audiences;
mod batch;
mod body;
mod classes;
mod config;
mod context;
mod cors;
mod graphql_config;
mod guards;
mod http;
mod installations;
mod owner;
mod pages;
mod rate_limits;
mod schemas;
mod security;
mod server;
mod sessions;
mod table;
mod users;

use actix_web::web;

use crate::live::Live;

pub use cors::Cors;
pub use http::Unrouted;
pub use pages::PAGES;
pub use rate_limits::RateLimits;
pub use security::log as log_security;
pub use table::{ROUTES, Row, template};

/// Serves the API below the app's mount path.
pub fn configure(config: &mut web::ServiceConfig, live: web::Data<Live>) {
    let mount = live.current().settings.mount_path.clone();
    config
        .app_data(live)
        .service(web::scope(&mount).route("/{path:.*}", web::route().to(http::serve)));
}
