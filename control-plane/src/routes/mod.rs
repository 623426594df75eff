//! The list of everything the control plane answers. One endpoint per file, at its URL:
//! `api/apps/id/get.rs` is `GET /api/v1/apps/{id}`. What is not listed is the console's.

pub mod api;
pub mod docs;
pub mod healthz;
pub mod internal;
pub mod metrics;
pub mod not_found;
pub mod readyz;

use actix_web::{
    Resource,
    middleware::{Compress, from_fn},
    web::{self, ServiceConfig, delete, get, head, patch, post, put},
};

use crate::{console, http::idempotency::idempotent};

/// Registers every endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/healthz").route(get().to(healthz::get::healthz)))
        .service(resource("/readyz").route(get().to(readyz::get::readyz)))
        .service(resource("/metrics").route(get().to(metrics::get::metrics)))
        .configure(reports)
        .service(
            web::scope("/api/v1")
                .configure(public)
                .service(
                    web::scope("")
                        .wrap(from_fn(idempotent))
                        .configure(signed_in)
                        .default_service(web::to(not_found::endpoint)),
                )
                .default_service(web::to(not_found::endpoint)),
        )
        .service(
            web::scope("/docs")
                .wrap(Compress::default())
                .configure(documentation),
        )
        .service(
            // Answers of the API are not compressed: they hold secrets, and their length must not tell of them.
            web::scope("")
                .wrap(Compress::default())
                .default_service(web::to(console::serve)),
        );
}

/// What apps call; on the port that is theirs there is nothing else.
pub fn reports(config: &mut ServiceConfig) {
    config.service(resource("/internal/v1/usage").route(post().to(internal::usage::post::usage_report)));
}

/// Pages for people; a path that is no page answers with one that says so.
fn documentation(config: &mut ServiceConfig) {
    let page = |path| {
        resource(path)
            .route(get().to(docs::page::get::docs_page))
            .route(head().to(docs::page::get::docs_page))
    };
    for index in ["", "/"] {
        config.service(resource(index).route(get().to(docs::get::docs_index)));
    }
    config
        .service(resource("/style.css").route(get().to(docs::style::get::docs_style)))
        .service(page("/{page}"))
        .default_service(web::to(docs::page::get::docs_page));
}

/// What anybody may call.
fn public(config: &mut ServiceConfig) {
    config
        .service(resource("/signup").route(post().to(api::signup::post::sign_up)))
        .service(resource("/login").route(post().to(api::login::post::log_in)))
        .service(resource("/openapi.json").route(get().to(api::openapi::get::openapi)));
}

/// What needs a session or a token.
fn signed_in(config: &mut ServiceConfig) {
    config
        .service(resource("/logout").route(post().to(api::logout::post::log_out)))
        .service(resource("/session").route(get().to(api::session::get::session_show)))
        .service(resource("/sessions").route(get().to(api::sessions::get::session_list)))
        .service(resource("/sessions/{id}").route(delete().to(api::sessions::id::delete::session_revoke)))
        .service(
            resource("/tokens")
                .route(get().to(api::tokens::get::token_list))
                .route(post().to(api::tokens::post::token_create)),
        )
        .service(resource("/tokens/{id}").route(delete().to(api::tokens::id::delete::token_revoke)))
        .service(resource("/regions").route(get().to(api::regions::get::region_list)))
        .service(resource("/audit").route(get().to(api::audit::get::audit_list)))
        .configure(apps);
}

fn apps(config: &mut ServiceConfig) {
    use api::apps::{self, id};
    config
        .service(
            resource("/apps")
                .route(get().to(apps::get::app_list))
                .route(post().to(apps::post::app_create)),
        )
        .service(
            resource("/apps/{id}")
                .route(get().to(id::get::app_show))
                .route(patch().to(id::patch::app_rename))
                .route(delete().to(id::delete::app_delete)),
        )
        .service(
            resource("/apps/{id}/engine")
                .route(get().to(id::engine::get::engine_show))
                .route(put().to(id::engine::put::engine_choose)),
        )
        .service(resource("/apps/{id}/pause").route(post().to(id::pause::post::app_pause)))
        .service(resource("/apps/{id}/resume").route(post().to(id::resume::post::app_resume)))
        .service(resource("/apps/{id}/undelete").route(post().to(id::undelete::post::app_undelete)))
        .service(resource("/apps/{id}/keys").route(get().to(id::keys::get::key_list)))
        .service(
            resource("/apps/{id}/keys/master/reveal")
                .route(post().to(id::keys::reveal::post::key_reveal_master)),
        )
        .service(
            resource("/apps/{id}/keys/{kind}/rotate").route(post().to(id::keys::rotate::post::key_rotate)),
        )
        .service(
            resource("/apps/{id}/settings")
                .route(get().to(id::settings::get::settings_show))
                .route(patch().to(id::settings::patch::settings_change)),
        )
        .service(resource("/apps/{id}/usage").route(get().to(id::usage::get::usage_show)))
        .service(resource("/apps/{id}/audit").route(get().to(id::audit::get::app_audit_list)));
}

/// A resource that says so when it is called with a method it does not have.
fn resource(path: &str) -> Resource {
    web::resource(path).default_service(web::to(not_found::method))
}
