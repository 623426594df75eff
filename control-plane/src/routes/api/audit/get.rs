//! `GET /api/v1/audit`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::{AuditPage, audit_page};
use crate::{
    auth::Caller,
    error::ApiError,
    http::{PageQuery, Params},
    state::AppState,
    store::audit,
};

/// What happened in the caller's organizations and to their account, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit", params(PageQuery),
    responses((status = 200, description = "A page of the audit log.", body = AuditPage)),
)]
pub async fn audit_list(
    caller: Caller,
    state: Data<AppState>,
    page: Params<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let page = page.parsed()?;
    let limit = page.limit()?;
    let entries = audit::list_for_account(&state.pool, caller.account.id, page.cursor()?, limit).await?;
    Ok(HttpResponse::Ok().json(audit_page(entries, limit)))
}
