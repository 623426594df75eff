//! `GET /api/v1/apps/{id}/engine`

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::routes::api::views::ReplicaRange;
use crate::{
    auth::{CanView, OrgApp},
    error::ApiError,
    regions::{Engine, HIGH_AVAILABILITY_REPLICAS},
    services::engine::{self, Offer, PriceList},
    state::AppState,
    store::apps::App,
};

/// An engine one can choose.
#[derive(Debug, Serialize, ToSchema)]
pub struct EngineOffer {
    engine: Engine,
    /// Thousandths of a processor core.
    millicpu: u32,
    memory_mib: u32,
    /// Of one replica; 0 where the base price includes it.
    #[schema(example = "0.0137")]
    price_per_hour: String,
}

/// What an hour costs on top of the base price.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnginePrice {
    #[schema(example = "USD")]
    currency: &'static str,
    /// With the fewest replicas that run.
    #[schema(example = "0.0411")]
    per_hour_min: String,
    /// With the most replicas that run.
    #[schema(example = "0.0822")]
    per_hour_max: String,
}

/// What an app runs on, what that costs, and what else there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppEngine {
    engine: Engine,
    replicas: ReplicaRange,
    high_availability: bool,
    price: EnginePrice,
    /// From the smallest to the largest.
    offers: Vec<EngineOffer>,
    /// The most replicas the app's region can run.
    most_replicas: i32,
    /// The fewest replicas with high availability.
    high_availability_replicas: i32,
}

impl AppEngine {
    /// The answer about an app, with the prices of now.
    pub fn of(state: &AppState, app: &App) -> Result<Self, ApiError> {
        let (list, sizing) = (PriceList::at(state.clock.now())?, app.sizing);
        let price = |replicas| list.per_hour(sizing.engine, replicas).to_string();
        Ok(Self {
            engine: sizing.engine,
            replicas: sizing.into(),
            high_availability: sizing.high_availability,
            price: EnginePrice {
                currency: list.currency(),
                per_hour_min: price(sizing.replicas_min),
                per_hour_max: price(sizing.most_replicas()),
            },
            offers: Engine::ALL.map(|engine| list.offer(engine).into()).into(),
            most_replicas: engine::most_replicas(state, app),
            high_availability_replicas: HIGH_AVAILABILITY_REPLICAS,
        })
    }
}

impl From<Offer> for EngineOffer {
    fn from(offer: Offer) -> Self {
        Self {
            engine: offer.engine,
            millicpu: offer.millicpu,
            memory_mib: offer.memory_mib,
            price_per_hour: offer.price_per_hour.normalize().to_string(),
        }
    }
}

/// Shows what an app runs on, what that costs, and what else there is.
#[utoipa::path(
    get, path = "/api/v1/apps/{id}/engine", tag = "apps",
    params(("id" = String, Path, description = "The app.")),
    responses((status = 200, description = "Its engine, and all engines.", body = AppEngine)),
)]
pub async fn engine_show(found: OrgApp<CanView>, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(AppEngine::of(&state, &found.app)?))
}
