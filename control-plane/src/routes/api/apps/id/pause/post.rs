//! `POST /api/v1/apps/{id}/pause`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::{CanScale, OrgApp},
    error::ApiError,
    services::suspension,
    state::AppState,
};

/// Has an app stop serving. Its address answers 402 with the reason; data, keys and settings stay.
#[utoipa::path(
    post, path = "/api/v1/apps/{id}/pause", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    responses(
        (status = 200, description = "The app; its region is stopping it.", body = AppEnvelope),
        (status = 409, description = "`app_deleted` or `app_suspended`", body = crate::error::ErrorBody),
    ),
)]
pub async fn app_pause(found: OrgApp<CanScale>, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let app = suspension::pause(&state, &found.caller, &found.app).await?;
    Ok(HttpResponse::Ok().json(AppEnvelope::of(&state, app)))
}
