//! `POST /api/v1/apps`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::api::views::AppEnvelope;
use crate::{
    auth::Caller,
    error::ApiError,
    http::Body,
    services::{
        apps,
        values::{Check, Name},
    },
    state::AppState,
};

/// An app to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppRequest {
    #[schema(example = "Recipe Box", max_length = 60)]
    name: String,
    /// Where it and all its data live; `eu` or `na`. It cannot be changed.
    #[schema(example = "eu")]
    region: String,
    /// Whose it is; the caller's first organization when left out.
    organization_id: Option<String>,
}

/// Makes an app. It is `ready` a moment later: ask for it until it is.
#[utoipa::path(
    post, path = "/api/v1/apps", tag = "apps",
    request_body = AppRequest,
    responses(
        (status = 201, description = "Made; its region is starting it.", body = AppEnvelope),
        (status = 409, description = "`app_limit_reached`", body = crate::error::ErrorBody),
    ),
)]
pub async fn app_create(
    caller: Caller,
    state: Data<AppState>,
    body: Body<AppRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.parsed()?;
    let mut check = Check::default();
    let name = check.field("name", Name::parse(&body.name));
    let region = body.region.parse().map_err(|_| "must be eu or na.".to_owned());
    let (name, region) = match (name, check.field("region", region)) {
        (Some(name), Some(region)) => (name, region),
        _ => return Err(check.refusal()),
    };
    let organization = body.organization_id.map(|id| id.parse()).transpose();
    let organization = organization.map_err(|_| ApiError::NotFound("organization"))?;
    let app = apps::create(&state, &caller, &name, region, organization).await?;
    Ok(HttpResponse::Created().json(AppEnvelope::of(&state, app)))
}
