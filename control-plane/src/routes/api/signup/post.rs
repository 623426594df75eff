//! `POST /api/v1/signup`

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::routes::api::views::{SignedInBody, signed_in};
use crate::{
    auth::{Client, cookie},
    error::ApiError,
    http::Body,
    services::{
        accounts::{self, SignUp},
        values::{Check, Email, Name, NewPassword},
    },
    state::AppState,
};

/// A new person and their organization.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUpRequest {
    #[schema(example = "you@example.com", max_length = 254)]
    email: String,
    /// 10 to 256 characters, hard to guess.
    #[schema(value_type = String, min_length = 10, max_length = 256, format = Password)]
    password: SecretString,
    #[schema(example = "Analytical Engines", max_length = 60)]
    organization: String,
}

impl SignUpRequest {
    fn check(self) -> Result<SignUp, ApiError> {
        let mut check = Check::default();
        let email = check.field("email", Email::parse(&self.email));
        let organization = check.field("organization", Name::parse(&self.organization));
        let about = [self.email.as_str(), self.organization.as_str()];
        let password = check.field("password", NewPassword::parse(&self.password, &about));
        match (email, password, organization) {
            (Some(email), Some(password), Some(organization)) => Ok(SignUp {
                email,
                password,
                organization,
            }),
            _ => Err(check.refusal()),
        }
    }
}

/// Makes an account, its organization, and a session.
///
/// Whether an e-mail has an account already is not told: the answer is the same 409 for every reason.
#[utoipa::path(
    post, path = "/api/v1/signup", tag = "accounts", security(()),
    request_body = SignUpRequest,
    responses(
        (status = 201, description = "Signed up and in; the session is in the cookie.", body = SignedInBody),
        (status = 409, description = "`signup_rejected`", body = crate::error::ErrorBody),
        (status = 429, description = "`too_many_requests`; see Retry-After", body = crate::error::ErrorBody),
    ),
)]
pub async fn sign_up(
    request: HttpRequest,
    client: Client,
    state: Data<AppState>,
    body: Body<SignUpRequest>,
) -> Result<HttpResponse, ApiError> {
    state.rate_limits.signup.check(client.address)?;
    let checked = body.parsed()?.check()?;
    let replaced = cookie::token(&request);
    let person = accounts::sign_up(&state, checked, &client, replaced.as_deref()).await?;
    Ok(signed_in(StatusCode::CREATED, person, &state.config))
}
