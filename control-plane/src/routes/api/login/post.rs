//! `POST /api/v1/login`

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::api::views::{SignedInBody, signed_in};
use crate::{
    auth::{Client, cookie},
    error::ApiError,
    http::Body,
    services::accounts,
    state::AppState,
};

/// Longer ones cannot have been set, and hashing them would cost.
const LONGEST_PASSWORD: usize = 1024;

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogInRequest {
    #[schema(example = "you@example.com")]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Opens a session. A session this browser had ends.
///
/// A wrong password and an unknown e-mail look the same, and both lock the e-mail for a while after several tries.
#[utoipa::path(
    post, path = "/api/v1/login", tag = "accounts", security(()),
    request_body = LogInRequest,
    responses(
        (status = 200, description = "Signed in; the session is in the cookie.", body = SignedInBody),
        (status = 401, description = "`invalid_credentials`", body = crate::error::ErrorBody),
        (status = 429, description = "`too_many_requests`; see Retry-After", body = crate::error::ErrorBody),
    ),
)]
pub async fn log_in(
    request: HttpRequest,
    client: Client,
    state: Data<AppState>,
    body: Body<LogInRequest>,
) -> Result<HttpResponse, ApiError> {
    state.rate_limits.login.check(client.address)?;
    let LogInRequest { email, password } = body.parsed()?;
    if password.expose_secret().len() > LONGEST_PASSWORD {
        return Err(ApiError::field("password", "must be at most 256 characters."));
    }
    let replaced = cookie::token(&request);
    let person = accounts::log_in(&state, &email, &password, &client, replaced.as_deref()).await?;
    Ok(signed_in(StatusCode::OK, person, &state.config))
}
