//! `GET /api/v1/regions`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::Caller,
    error::ApiError,
    regions::Region,
    state::AppState,
    store::apps,
    workers::{region_is_away, region_is_off},
};

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
    /// What that means, while it is away or switched off.
    #[schema(required)]
    message: Option<String>,
    /// The most replicas of one app that it can run; 0 while it is switched off.
    most_replicas: i32,
}

/// The regions of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegionList {
    regions: Vec<RegionBody>,
}

/// Lists the regions an app can be created in, and those that are switched off but have apps of the caller's.
#[utoipa::path(
    get, path = "/api/v1/regions", tag = "apps",
    responses((status = 200, description = "The regions.", body = RegionList)),
)]
pub async fn region_list(caller: Caller, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let mut ids = apps::list_regions(&state.pool, caller.account.id).await?;
    ids.extend(state.drivers.keys());
    let regions = ids.into_iter().map(|id| region(&state, id)).collect();
    Ok(HttpResponse::Ok().json(RegionList { regions }))
}

fn region(state: &AppState, id: Region) -> RegionBody {
    let driver = state.drivers.get(&id);
    let message = match driver {
        None => Some(region_is_off(id)),
        Some(_) => state.availability.trouble(id).map(|_| region_is_away(id)),
    };
    RegionBody {
        id,
        name: id.name(),
        available: message.is_none(),
        message,
        most_replicas: driver.map_or(0, |driver| driver.most_replicas()),
    }
}
