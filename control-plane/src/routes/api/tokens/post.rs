//! `POST /api/v1/tokens`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use ids::TokenId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::SessionCaller,
    error::ApiError,
    http::Body,
    services::{
        tokens,
        values::{Check, Name},
    },
    state::AppState,
};

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is for.
    #[schema(example = "deploy script", max_length = 60)]
    name: String,
    #[schema(minimum = 1, maximum = 365)]
    expires_in_days: i64,
}

/// A token that was made. The secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewToken {
    /// Send it as `Authorization: Bearer`.
    #[schema(example = "slip_Ab3dE9…")]
    token: String,
    #[schema(value_type = String)]
    id: TokenId,
    name: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl TokenRequest {
    fn check(&self) -> Result<(Name, u16), ApiError> {
        let mut check = Check::default();
        let days = u16::try_from(self.expires_in_days)
            .ok()
            .filter(|days| (1..=365).contains(days));
        let days = check.field(
            "expires_in_days",
            days.ok_or_else(|| "must be 1 to 365.".to_owned()),
        );
        let name = check.field("name", Name::parse(&self.name));
        name.zip(days).ok_or_else(|| check.refusal())
    }
}

/// Makes an API token, which may do what the person may, except manage tokens and sessions.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "tokens", security(("session" = [])),
    request_body = TokenRequest,
    responses(
        (status = 201, description = "The token; keep it, it is not shown again.", body = NewToken),
        (status = 409, description = "`token_limit_reached`", body = crate::error::ErrorBody),
    ),
)]
pub async fn token_create(
    caller: SessionCaller,
    state: Data<AppState>,
    body: Body<TokenRequest>,
) -> Result<HttpResponse, ApiError> {
    let (name, days) = body.parsed()?.check()?;
    let (made, token) = tokens::create(&state, &caller.caller, &name, days).await?;
    let (id, name, created_at, expires_at) = (made.id, made.name, made.created_at, made.expires_at);
    Ok(HttpResponse::Created().json(NewToken {
        token,
        id,
        name,
        created_at,
        expires_at,
    }))
}
