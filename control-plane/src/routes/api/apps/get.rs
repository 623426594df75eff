//! `GET /api/v1/apps`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::routes::api::views::AppBody;
use crate::{
    auth::Caller,
    error::ApiError,
    http::{AppListQuery, Params, next_cursor},
    state::AppState,
    store::apps::{self, Page},
};

/// A page of apps, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppPage {
    apps: Vec<AppBody>,
    /// For the next page; null on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Lists the apps of the caller's organizations.
#[utoipa::path(
    get, path = "/api/v1/apps", tag = "apps", params(AppListQuery),
    responses((status = 200, description = "A page of apps.", body = AppPage)),
)]
pub async fn app_list(
    caller: Caller,
    state: Data<AppState>,
    query: Params<AppListQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.parsed()?;
    let asked = query.page();
    let limit = asked.limit()?;
    let page = Page {
        limit,
        before: asked.cursor()?,
        include_deleted: query.include_deleted,
    };
    let found = apps::list(&state.pool, caller.account.id, &page).await?;
    let next_cursor = next_cursor(limit, found.len(), found.last().map(|app| app.id));
    let apps = found.into_iter().map(|app| AppBody::of(&state, app)).collect();
    Ok(HttpResponse::Ok().json(AppPage { apps, next_cursor }))
}
