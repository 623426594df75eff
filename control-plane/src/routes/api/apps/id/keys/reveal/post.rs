//! `POST /api/v1/apps/{id}/keys/master/reveal`

use actix_web::{HttpResponse, web::Data};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{CanAdminister, OrgApp},
    error::ApiError,
    http::Body,
    services::{accounts, keys},
    state::AppState,
};

/// The caller's password, entered again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// The key that may do everything in the app.
#[derive(Debug, Serialize, ToSchema)]
pub struct MasterKey {
    #[schema(example = "master_…")]
    master_key: String,
}

/// Reveals the master key to somebody who enters their password again. It is written to the audit log.
#[utoipa::path(
    post, path = "/api/v1/apps/{id}/keys/master/reveal", tag = "keys",
    params(("id" = String, Path, description = "The app.")),
    request_body = RevealRequest,
    responses(
        (status = 200, description = "The master key.", body = MasterKey),
        (status = 429, description = "`too_many_requests`; see Retry-After", body = crate::error::ErrorBody),
    ),
)]
pub async fn key_reveal_master(
    found: OrgApp<CanAdminister>,
    state: Data<AppState>,
    body: Body<RevealRequest>,
) -> Result<HttpResponse, ApiError> {
    accounts::confirm_password(&state, &found.caller, &body.parsed()?.password).await?;
    let key = keys::reveal_master(&state, &found.caller, &found.app).await?;
    Ok(HttpResponse::Ok().json(MasterKey {
        master_key: key.expose_secret().to_owned(),
    }))
}
