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
    /// Why it is not available; null while it is.
    #[schema(required)]
    reason: Option<UnavailableReason>,
    /// What that means.
    #[schema(required)]
    message: Option<String>,
    /// The most replicas of one app that it can run; 0 while it is switched off.
    most_replicas: i32,
}

/// Why a region takes neither apps nor changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnavailableReason {
    /// It cannot be reached; what runs there goes on running.
    Away,
    /// The platform does not serve it.
    Off,
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
    let reason = match driver {
        None => Some(UnavailableReason::Off),
        Some(_) => state.availability.trouble(id).map(|_| UnavailableReason::Away),
    };
    let message = reason.map(|reason| match reason {
        UnavailableReason::Away => region_is_away(id),
        UnavailableReason::Off => region_is_off(id),
    });
    RegionBody {
        id,
        name: id.name(),
        available: reason.is_none(),
        reason,
        message,
        most_replicas: driver.map_or(0, |driver| driver.most_replicas()),
    }
}
