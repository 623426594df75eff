//! `GET /api/v1/session`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::SignedInBody;
use crate::{auth::SessionCaller, error::ApiError, state::AppState, store::organizations};

/// Who is signed in with this session.
#[utoipa::path(
    get, path = "/api/v1/session", tag = "accounts", security(("session" = [])),
    responses((status = 200, description = "The person and their organizations.", body = SignedInBody)),
)]
pub async fn session_show(caller: SessionCaller, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let account = caller.caller.account;
    let organizations = organizations::list_for_account(&state.pool, account.id).await?;
    Ok(HttpResponse::Ok().json(SignedInBody::new(account, organizations, caller.csrf_token)))
}
