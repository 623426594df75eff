//! `PUT /api/v1/apps/{id}/engine`

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;

use super::get::AppEngine;
use crate::routes::api::views::ReplicaRange;
use crate::{
    auth::{CanScale, OrgApp},
    error::ApiError,
    http::Body,
    regions::Sizing,
    services::engine,
    state::AppState,
};

/// What an app is to run on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineChoice {
    /// `dev`, `s`, `m`, `l` or `xl`.
    #[schema(example = "s")]
    engine: String,
    replicas: ReplicaRange,
    /// At least three replicas, in different zones where the region has them.
    #[serde(default)]
    high_availability: bool,
}

/// Has an app run on another engine, or with other replicas. Its region rolls the change out without a failed request.
#[utoipa::path(
    put, path = "/api/v1/apps/{id}/engine", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    request_body = EngineChoice,
    responses(
        (status = 200, description = "What it runs on from now, and what that costs.", body = AppEngine),
        (status = 409, description = "`app_deleted`", body = crate::error::ErrorBody),
    ),
)]
pub async fn engine_choose(
    found: OrgApp<CanScale>,
    state: Data<AppState>,
    body: Body<EngineChoice>,
) -> Result<HttpResponse, ApiError> {
    let choice = body.parsed()?;
    let unknown = |_| ApiError::field("engine", "must be dev, s, m, l or xl.");
    let sizing = Sizing {
        engine: choice.engine.parse().map_err(unknown)?,
        replicas_min: choice.replicas.min,
        replicas_max: choice.replicas.max,
        high_availability: choice.high_availability,
    };
    let app = engine::choose(&state, &found.caller, &found.app, sizing).await?;
    Ok(HttpResponse::Ok().json(AppEngine::of(&state, &app)?))
}
