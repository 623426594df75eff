//! `POST /api/v1/apps/{id}/keys/{kind}/rotate`

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::IntoDeserializer};
use utoipa::ToSchema;

use crate::{
    auth::{CanAdminister, CanEdit, OrgApp, permit},
    error::ApiError,
    http::Body,
    services::{
        accounts,
        keys::{self, KeyKind},
    },
    state::AppState,
};

/// What a rotation needs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateRequest {
    /// The caller's password, needed for the master key.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
}

/// The key that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotatedKey {
    kind: KeyKind,
    key: String,
}

/// Replaces a key. The old one stops working within seconds.
#[utoipa::path(
    post, path = "/api/v1/apps/{id}/keys/{kind}/rotate", tag = "keys",
    params(
        ("id" = String, Path, description = "The app."),
        ("kind" = KeyKind, Path, description = "Which key."),
    ),
    request_body = RotateRequest,
    responses(
        (status = 200, description = "The new key.", body = RotatedKey),
        (status = 409, description = "`app_deleted`", body = crate::error::ErrorBody),
        (status = 429, description = "`too_many_requests`; see Retry-After", body = crate::error::ErrorBody),
    ),
)]
pub async fn key_rotate(
    found: OrgApp<CanEdit>,
    state: Data<AppState>,
    path: Path<(String, String)>,
    body: Body<RotateRequest>,
) -> Result<HttpResponse, ApiError> {
    let kind = parse_kind(&path.1)?;
    let body = body.parsed()?;
    if kind == KeyKind::Master {
        permit::<CanAdminister>(found.role)?;
        let password = body.password.unwrap_or_default();
        accounts::confirm_password(&state, &found.caller, &password).await?;
    }
    let key = keys::rotate(&state, &found.caller, &found.app, kind).await?;
    Ok(HttpResponse::Ok().json(RotatedKey {
        kind,
        key: key.expose_secret().to_owned(),
    }))
}

fn parse_kind(text: &str) -> Result<KeyKind, ApiError> {
    let kind: Result<_, serde::de::value::Error> = KeyKind::deserialize(text.into_deserializer());
    kind.map_err(|_| ApiError::NotFound("key"))
}
