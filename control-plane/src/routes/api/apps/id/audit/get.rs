//! `GET /api/v1/apps/{id}/audit`

use actix_web::{HttpResponse, web::Data};

use crate::routes::api::views::{AuditPage, audit_page};
use crate::{
    auth::{CanView, OrgApp},
    error::ApiError,
    http::{PageQuery, Params},
    state::AppState,
    store::audit,
};

/// What happened to an app, newest first.
#[utoipa::path(
    get, path = "/api/v1/apps/{id}/audit", tag = "audit",
    params(("id" = String, Path, description = "The app."), PageQuery),
    responses((status = 200, description = "A page of the audit log.", body = AuditPage)),
)]
pub async fn app_audit_list(
    found: OrgApp<CanView>,
    state: Data<AppState>,
    page: Params<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let page = page.parsed()?;
    let limit = page.limit()?;
    let entries = audit::list_for_app(&state.pool, found.app.id, page.cursor()?, limit).await?;
    Ok(HttpResponse::Ok().json(audit_page(entries, limit)))
}
