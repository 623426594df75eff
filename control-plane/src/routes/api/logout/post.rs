//! `POST /api/v1/logout`

use actix_web::{HttpResponse, web::Data};

use crate::{
    auth::{SessionCaller, cookie},
    error::ApiError,
    services::sessions,
    state::AppState,
};

/// Ends this session.
#[utoipa::path(
    post, path = "/api/v1/logout", tag = "accounts", security(("session" = [])),
    responses((status = 204, description = "Signed out.")),
)]
pub async fn log_out(caller: SessionCaller, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    sessions::revoke(&state, &caller, caller.session, "account.logout").await?;
    Ok(HttpResponse::NoContent()
        .cookie(cookie::close(&state.config))
        .finish())
}
