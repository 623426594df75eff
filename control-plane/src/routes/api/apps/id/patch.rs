//! `PATCH /api/v1/apps/{id}`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::{CanEdit, OrgApp},
    error::ApiError,
    http::Body,
    services::{apps, values::Name},
    state::AppState,
};

/// What is to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppPatch {
    #[schema(max_length = 60)]
    name: String,
}

/// Renames an app. Its application id, keys and address stay.
#[utoipa::path(
    patch, path = "/api/v1/apps/{id}", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    request_body = AppPatch,
    responses(
        (status = 200, description = "The app as it is now.", body = AppEnvelope),
        (status = 409, description = "`app_deleted`", body = crate::error::ErrorBody),
    ),
)]
pub async fn app_rename(
    found: OrgApp<CanEdit>,
    state: Data<AppState>,
    body: Body<AppPatch>,
) -> Result<HttpResponse, ApiError> {
    let name = Name::parse(&body.parsed()?.name).map_err(|problem| ApiError::field("name", problem))?;
    let app = apps::rename(&state, &found.caller, &found.app, &name).await?;
    Ok(HttpResponse::Ok().json(AppEnvelope::of(&state, app)))
}
