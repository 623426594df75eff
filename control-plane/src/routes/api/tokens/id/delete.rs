//! `DELETE /api/v1/tokens/{id}`

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use crate::{auth::SessionCaller, error::ApiError, services::tokens, state::AppState};

/// Revokes an API token, at once.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "tokens", security(("session" = [])),
    params(("id" = String, Path, description = "The token's id.")),
    responses((status = 204, description = "Revoked.")),
)]
pub async fn token_revoke(
    caller: SessionCaller,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = id.parse().map_err(|_| ApiError::NotFound("token"))?;
    tokens::revoke(&state, &caller.caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
