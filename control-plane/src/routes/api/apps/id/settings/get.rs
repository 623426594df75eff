//! `GET /api/v1/apps/{id}/settings`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::SettingsBody;
use crate::{
    auth::{CanView, OrgApp},
    error::ApiError,
    services::settings,
    state::AppState,
};

/// Every option the owner may set, with its default, what is set, and what holds. Secrets are masked.
#[utoipa::path(
    get, path = "/api/v1/apps/{id}/settings", tag = "settings",
    params(("id" = String, Path, description = "The app.")),
    responses((
        status = 200, description = "The settings.", body = SettingsBody,
        headers(("ETag" = String, description = "The version, to be sent as If-Match with a change.")),
    )),
)]
pub async fn settings_show(found: OrgApp<CanView>, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let settings = settings::show(&state, &found.app).await?;
    Ok(SettingsBody::of(&settings).respond())
}
