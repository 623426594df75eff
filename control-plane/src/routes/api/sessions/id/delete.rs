//! `DELETE /api/v1/sessions/{id}`

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use crate::{
    auth::{SessionCaller, cookie},
    error::ApiError,
    services::sessions,
    state::AppState,
};

/// Ends one of the caller's sessions, this one included.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "accounts", security(("session" = [])),
    params(("id" = String, Path, description = "The session.")),
    responses((status = 204, description = "Ended.")),
)]
pub async fn session_revoke(
    caller: SessionCaller,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = id.parse().map_err(|_| ApiError::NotFound("session"))?;
    sessions::revoke(&state, &caller, id, "session.revoke").await?;
    let mut response = HttpResponse::NoContent();
    if id == caller.session {
        response.cookie(cookie::close(&state.config));
    }
    Ok(response.finish())
}
