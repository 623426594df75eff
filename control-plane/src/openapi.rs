//! The OpenAPI document, generated from the handlers, and committed as `control-plane/openapi.json`.
//!
//! The console's client is generated from it. What holds for many endpoints alike (errors, the CSRF header)
//! is added here by rule rather than repeated at each.

use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        Content, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{
    auth::Role,
    error::ErrorBody,
    routes::{self, api},
};

/// The document's source.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Slipway control plane",
        description = "Accounts, apps, keys, usage and audit. Sign in with a session cookie, or send an API token as \
            `Authorization: Bearer slip_…`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        routes::healthz::get::healthz,
        routes::readyz::get::readyz,
        routes::metrics::get::metrics,
        routes::internal::usage::post::usage_report,
        api::openapi::get::openapi,
        api::signup::post::sign_up,
        api::login::post::log_in,
        api::logout::post::log_out,
        api::session::get::session_show,
        api::sessions::get::session_list,
        api::sessions::id::delete::session_revoke,
        api::tokens::get::token_list,
        api::tokens::post::token_create,
        api::tokens::id::delete::token_revoke,
        api::regions::get::region_list,
        api::audit::get::audit_list,
        api::apps::get::app_list,
        api::apps::post::app_create,
        api::apps::id::get::app_show,
        api::apps::id::patch::app_rename,
        api::apps::id::delete::app_delete,
        api::apps::id::engine::get::engine_show,
        api::apps::id::engine::put::engine_choose,
        api::apps::id::pause::post::app_pause,
        api::apps::id::resume::post::app_resume,
        api::apps::id::undelete::post::app_undelete,
        api::apps::id::keys::get::key_list,
        api::apps::id::keys::reveal::post::key_reveal_master,
        api::apps::id::keys::rotate::post::key_rotate,
        api::apps::id::settings::get::settings_show,
        api::apps::id::settings::patch::settings_change,
        api::apps::id::usage::get::usage_show,
        api::apps::id::audit::get::app_audit_list,
    ),
    components(schemas(ErrorBody, Role)),
    security(("session" = []), ("token" = [])),
    modifiers(&SecuritySchemes, &CommonAnswers),
)]
struct Document;

/// The document as indented JSON, with a line end: what is committed and served.
pub fn document() -> String {
    let mut text = Document::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            crate::auth::cookie::NAME,
            "Set by sign-up and login. Everything that changes something needs the header X-CSRF-Token too.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = |text: &str| {
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(text))
                .build()
        };
        components.add_security_scheme("token", SecurityScheme::Http(bearer("An API token, slip_….")));
        components.add_security_scheme(
            "usage_token",
            SecurityScheme::Http(bearer("An app's usage token, usage_….")),
        );
    }
}

struct CommonAnswers;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Read,
    Post,
    Change,
}

impl Modify for CommonAnswers {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let by_id = path.contains('{');
            let operations = [
                (Method::Read, &mut item.get),
                (Method::Post, &mut item.post),
                (Method::Change, &mut item.put),
                (Method::Change, &mut item.patch),
                (Method::Change, &mut item.delete),
            ];
            for (method, operation) in operations {
                operation
                    .iter_mut()
                    .for_each(|operation| complete(operation, by_id, method));
            }
        }
    }
}

fn complete(operation: &mut Operation, by_id: bool, method: Method) {
    if operation.tags.iter().flatten().any(|tag| tag == "operations") {
        return;
    }
    let internal = operation.tags.iter().flatten().any(|tag| tag == "internal");
    let open = operation
        .security
        .as_ref()
        .is_some_and(|schemes| schemes.contains(&SecurityRequirement::default()));
    let changes_as_somebody = method != Method::Read && !open && !internal;
    for (status, description) in answers(operation, open, by_id, changes_as_somebody) {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| refusal(description));
    }
    if changes_as_somebody {
        let text = "The session's `csrf_token`; not needed with an API token.";
        operation
            .parameters
            .get_or_insert_default()
            .push(header("X-CSRF-Token", text));
    }
    if changes_as_somebody && method == Method::Post {
        let text = "Up to 255 characters. Repeating the request with the same key changes nothing and gets the first answer.";
        operation
            .parameters
            .get_or_insert_default()
            .push(header("Idempotency-Key", text));
    }
}

/// The errors that follow from what an endpoint takes.
fn answers(
    operation: &Operation,
    open: bool,
    by_id: bool,
    changes_as_somebody: bool,
) -> Vec<(&'static str, &'static str)> {
    let has_body = operation.request_body.is_some();
    let has_query = operation.parameters.iter().flatten().any(|parameter| {
        matches!(parameter, RefOr::T(parameter) if matches!(parameter.parameter_in, ParameterIn::Query))
    });
    let table = [
        (has_body, "400", "`malformed_json`"),
        (!open, "401", "`not_signed_in` or `invalid_token`"),
        (
            changes_as_somebody,
            "403",
            "`csrf_failed`, `forbidden` or `wrong_password`",
        ),
        (
            by_id,
            "404",
            "`not_found`: it does not exist, or is not the caller's",
        ),
        (has_body, "413", "`body_too_large`: more than 64 KiB"),
        (has_body, "415", "`unsupported_media_type`"),
        (
            has_body || has_query,
            "422",
            "`invalid_input`; `fields` says which",
        ),
        (true, "500", "`internal`"),
        (true, "503", "`unavailable`; see Retry-After"),
    ];
    table
        .into_iter()
        .filter(|(applies, ..)| *applies)
        .map(|(_, status, text)| (status, text))
        .collect()
}

fn refusal(description: &str) -> RefOr<Response> {
    let content = Content::new(Some(Ref::from_schema_name(ErrorBody::name())));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build()
        .into()
}

fn header(name: &str, description: &str) -> RefOr<Parameter> {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
        .into()
}
