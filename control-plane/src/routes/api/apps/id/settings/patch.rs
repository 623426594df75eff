//! `PATCH /api/v1/apps/{id}/settings`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderMap, IF_MATCH},
    web::Data,
};
use serde_json::{Map, Value};

use crate::routes::api::views::SettingsBody;
use crate::{
    auth::{CanEdit, OrgApp},
    error::ApiError,
    http::Body,
    services::settings,
    state::AppState,
};

/// Changes the options that are named: a JSON Merge Patch (RFC 7396) by Parse Server's option names. Null brings a default
/// back. A mask that is sent back stands for the secret that is there. The app takes the change up while it runs.
#[utoipa::path(
    patch, path = "/api/v1/apps/{id}/settings", tag = "settings",
    params(
        ("id" = String, Path, description = "The app."),
        ("If-Match" = Option<String>, Header, description = "The version that the change is made to; refused if it is another by now."),
    ),
    request_body(content = Object, description = "Options by name.", example = json!({ "sessionLength": 86400, "rateLimit": null })),
    responses(
        (status = 200, description = "The settings as they are now.", body = SettingsBody),
        (status = 409, description = "`app_deleted`", body = crate::error::ErrorBody),
        (status = 412, description = "`settings_changed`", body = crate::error::ErrorBody),
    ),
)]
pub async fn settings_change(
    found: OrgApp<CanEdit>,
    state: Data<AppState>,
    request: HttpRequest,
    body: Body<Map<String, Value>>,
) -> Result<HttpResponse, ApiError> {
    let (patch, version) = (body.parsed()?, version(request.headers())?);
    let who = (&found.caller, found.role);
    let settings = settings::change(&state, who, &found.app, patch, version).await?;
    Ok(SettingsBody::of(&settings).respond())
}

/// The version of `If-Match`; `*` is any.
fn version(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(wanted) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    match wanted.to_str().unwrap_or_default().trim() {
        "*" => Ok(None),
        text => match text.trim_matches('"').parse() {
            Ok(version) => Ok(Some(version)),
            Err(_) => Err(ApiError::field(
                "If-Match",
                "must be the ETag of the settings, such as \"3\".",
            )),
        },
    }
}
