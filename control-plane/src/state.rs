//! What every handler works with. One value per process, shared by all its threads.

use std::sync::Arc;

use actix_web::{HttpRequest, web::Data};
use ids::{Clock, IdSource};
use sqlx::PgPool;

use crate::{
    auth::rate_limit::RateLimits,
    config::Config,
    crypto::{Passwords, Sealer},
    metrics::Metrics,
    workers::{Availability, Drivers, Wake},
};

/// The parts of the control plane a request may need.
pub struct AppState {
    pub config: Arc<Config>,
    pub pool: PgPool,
    pub sealer: Sealer,
    pub passwords: Passwords,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub rate_limits: RateLimits,
    pub metrics: Metrics,
    /// Tells the reconcilers that desired state changed.
    pub wake: Wake,
    pub drivers: Drivers,
    pub availability: Availability,
}

impl AppState {
    /// The state behind a request, for extractors and middleware.
    ///
    /// # Panics
    /// When [`crate::startup`] did not register it, which it always does.
    pub fn of(request: &HttpRequest) -> &Data<Self> {
        request
            .app_data::<Data<Self>>()
            .expect("startup registers the state")
    }
}
