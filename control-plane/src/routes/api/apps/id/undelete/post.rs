//! `POST /api/v1/apps/{id}/undelete`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::{CanAdminister, OrgApp},
    error::ApiError,
    services::apps,
    state::AppState,
};

/// Takes a deletion back, with all data, keys and the application id as they were.
#[utoipa::path(
    post, path = "/api/v1/apps/{id}/undelete", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    responses(
        (status = 200, description = "The app; its region is starting it.", body = AppEnvelope),
        (status = 409, description = "`app_not_deleted`, `undo_window_over` or `app_limit_reached`", body = crate::error::ErrorBody),
    ),
)]
pub async fn app_undelete(
    found: OrgApp<CanAdminister>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let app = apps::undelete(&state, &found.caller, &found.app).await?;
    Ok(HttpResponse::Ok().json(AppEnvelope::of(&state, app)))
}
