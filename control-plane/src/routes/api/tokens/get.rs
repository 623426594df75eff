//! `GET /api/v1/tokens`

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use ids::TokenId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::SessionCaller, error::ApiError, state::AppState, store::tokens};

/// An API token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub struct TokenBody {
    #[schema(value_type = String)]
    id: TokenId,
    name: String,
    /// The first characters, to recognise it by.
    #[schema(example = "slip_Ab3dE9")]
    prefix: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// To the minute; null when it was never used.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
}

/// All tokens of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenList {
    tokens: Vec<TokenBody>,
}

/// Lists the caller's API tokens, newest first, expired ones included.
#[utoipa::path(
    get, path = "/api/v1/tokens", tag = "tokens", security(("session" = [])),
    responses((status = 200, description = "The tokens.", body = TokenList)),
)]
pub async fn token_list(caller: SessionCaller, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let found = tokens::list(&state.pool, caller.caller.account.id).await?;
    let tokens = found.into_iter().map(|token| TokenBody {
        id: token.id,
        name: token.name,
        prefix: token.prefix,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    });
    Ok(HttpResponse::Ok().json(TokenList {
        tokens: tokens.collect(),
    }))
}
