//! `POST /api/v1/apps/{id}/resume`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::{CanScale, OrgApp},
    error::ApiError,
    services::suspension,
    state::AppState,
};

/// Has a paused app serve again. One that is suspended for another reason serves again when that reason is gone.
#[utoipa::path(
    post, path = "/api/v1/apps/{id}/resume", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    responses(
        (status = 200, description = "The app; its region is starting it.", body = AppEnvelope),
        (status = 409, description = "`app_deleted` or `app_suspended`", body = crate::error::ErrorBody),
    ),
)]
pub async fn app_resume(found: OrgApp<CanScale>, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let app = suspension::resume(&state, &found.caller, &found.app).await?;
    Ok(HttpResponse::Ok().json(AppEnvelope::of(&state, app)))
}
