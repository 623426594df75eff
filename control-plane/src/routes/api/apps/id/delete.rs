//! `DELETE /api/v1/apps/{id}`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::{CanAdminister, OrgApp},
    error::ApiError,
    services::apps,
    state::AppState,
};

/// Stops an app. Its data is kept until `purge_after`; until then `undelete` brings it back.
#[utoipa::path(
    delete, path = "/api/v1/apps/{id}", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    responses((status = 200, description = "The app, deleted.", body = AppEnvelope)),
)]
pub async fn app_delete(
    found: OrgApp<CanAdminister>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let app = apps::delete(&state, &found.caller, &found.app).await?;
    Ok(HttpResponse::Ok().json(AppEnvelope::of(&state, app)))
}
