//! `GET /api/v1/regions`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::Caller, regions::Region, state::AppState, workers::region_is_away};

/// Where apps can live.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegionInfo)]
pub struct RegionBody {
    id: Region,
    /// For people.
    #[schema(example = "Europe")]
    name: &'static str,
    /// Whether apps can be created and changed there right now. What runs in a region that is away goes on running.
    available: bool,
    /// What that means, while it is away.
    #[schema(required)]
    message: Option<String>,
    /// The most replicas of one app that it can run.
    most_replicas: i32,
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
    let regions = state.drivers.iter().map(|(id, driver)| {
        let away = state.availability.trouble(*id).is_some();
        RegionBody {
            id: *id,
            name: id.name(),
            available: !away,
            message: away.then(|| region_is_away(*id)),
            most_replicas: driver.most_replicas(),
        }
    });
    HttpResponse::Ok().json(RegionList {
        regions: regions.collect(),
    })
}
