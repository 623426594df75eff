//! `GET /api/v1/apps/{id}/usage`

use actix_web::{HttpResponse, web::Data};
use billing::Meter;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::{CanView, OrgApp},
    error::ApiError,
    services::usage::{self, MonthToDate},
    state::AppState,
};

/// A UTC month.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsagePeriod {
    start: DateTime<Utc>,
    /// The first instant that is not part of it.
    end: DateTime<Utc>,
}

/// What was counted of one meter.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeterUsage {
    /// Counted so far; the present size for stored bytes.
    quantity: u64,
    /// `requests`, `bytes`, `jobs` or `seconds`.
    unit: &'static str,
    /// What a whole month includes; null where there is no quota.
    #[schema(required)]
    included: Option<u64>,
}

/// Every meter.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageMeters {
    requests: MeterUsage,
    data_transfer: MeterUsage,
    file_storage: MeterUsage,
    database_storage: MeterUsage,
    jobs: MeterUsage,
    engine_time: MeterUsage,
}

/// An app's usage in this month so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppUsage {
    period: UsagePeriod,
    as_of: DateTime<Utc>,
    meters: UsageMeters,
    /// When the app's first request was metered.
    #[schema(required)]
    first_request_at: Option<DateTime<Utc>>,
}

/// Shows what an app has used in this UTC month so far.
#[utoipa::path(
    get, path = "/api/v1/apps/{id}/usage", tag = "usage",
    params(("id" = String, Path, description = "The app.")),
    responses((status = 200, description = "The month to date.", body = AppUsage)),
)]
pub async fn usage_show(found: OrgApp<CanView>, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let used = usage::month_to_date(&state, found.app.id).await?;
    Ok(HttpResponse::Ok().json(AppUsage {
        period: UsagePeriod {
            start: used.period.start(),
            end: used.period.end(),
        },
        as_of: used.as_of,
        meters: UsageMeters {
            requests: of_meter(&used, Meter::Requests),
            data_transfer: of_meter(&used, Meter::DataTransfer),
            file_storage: of_meter(&used, Meter::FileStorage),
            database_storage: of_meter(&used, Meter::DatabaseStorage),
            jobs: of_meter(&used, Meter::Jobs),
            engine_time: of_meter(&used, Meter::EngineTime),
        },
        first_request_at: found.app.first_request_at,
    }))
}

fn of_meter(used: &MonthToDate, meter: Meter) -> MeterUsage {
    MeterUsage {
        quantity: used.quantity(meter),
        unit: meter.unit(),
        included: used.included(meter),
    }
}
