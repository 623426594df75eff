//! `GET /api/v1/regions`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::Caller, regions::Region, state::AppState};

/// Where apps can live.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegionInfo)]
pub struct RegionBody {
    id: Region,
    /// For people.
    #[schema(example = "Europe")]
    name: &'static str,
}

/// All regions served.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegionList {
    regions: Vec<RegionBody>,
}

/// Lists the regions an app can be created in.
#[utoipa::path(
    get, path = "/api/v1/regions", tag = "apps",
    responses((status = 200, description = "The regions.", body = RegionList)),
)]
pub async fn region_list(_: Caller, state: Data<AppState>) -> HttpResponse {
    let regions = state.config.regions.keys().map(|id| RegionBody {
        id: *id,
        name: id.name(),
    });
    HttpResponse::Ok().json(RegionList {
        regions: regions.collect(),
    })
}
