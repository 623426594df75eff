//! `GET /api/v1/apps/{id}/keys`

use actix_web::{HttpResponse, web::Data};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{CanView, OrgApp},
    error::ApiError,
    services::keys::{self, KeyKind},
    state::AppState,
};

/// The keys that go into clients.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppKeyList {
    application_id: String,
    #[schema(example = "ck_…")]
    client_key: String,
    #[schema(example = "js_…")]
    javascript_key: String,
    #[schema(example = "rest_…")]
    rest_key: String,
}

/// Shows the keys that go into clients. The master key is revealed separately.
#[utoipa::path(
    get, path = "/api/v1/apps/{id}/keys", tag = "keys",
    params(("id" = String, Path, description = "The app.")),
    responses((status = 200, description = "The keys.", body = AppKeyList)),
)]
pub async fn key_list(found: OrgApp<CanView>, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let key = async |kind| {
        let key = keys::open(&state, &found.app, kind).await?;
        Ok::<_, ApiError>(key.expose_secret().to_owned())
    };
    Ok(HttpResponse::Ok().json(AppKeyList {
        client_key: key(KeyKind::Client).await?,
        javascript_key: key(KeyKind::Javascript).await?,
        rest_key: key(KeyKind::Rest).await?,
        application_id: found.app.application_id.clone(),
    }))
}
