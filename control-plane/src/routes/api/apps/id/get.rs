//! `GET /api/v1/apps/{id}`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::{CanView, OrgApp},
    state::AppState,
};

/// Shows an app.
#[utoipa::path(
    get, path = "/api/v1/apps/{id}", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    responses((status = 200, description = "The app.", body = AppEnvelope)),
)]
pub async fn app_show(found: OrgApp<CanView>, state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().json(AppEnvelope::of(&state, found.app))
}
