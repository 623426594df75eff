//! `POST /internal/v1/usage`: an app's runtime says how far its counters have come.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, http::header::AUTHORIZATION, web::Data};
use billing::{EngineTier, Meter};
use chrono::{DateTime, Utc};
use ids::{AppId, secret::app_of_usage_token};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    http::{Body, Quiet},
    services::usage::{self, Counter, Report},
    state::AppState,
};

const LONGEST_INSTANCE: usize = 64;

/// What a runtime process has counted since it started. Unknown fields are ignored: a newer runtime may know
/// more.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UsageReport {
    #[schema(value_type = String)]
    app: AppId,
    /// Made at the start of the process.
    instance: String,
    #[allow(dead_code)]
    started_at: DateTime<Utc>,
    /// Grows with each report of the process.
    #[allow(dead_code)]
    sequence: u64,
    at: DateTime<Utc>,
    counters: Counters,
    #[serde(default)]
    gauges: Gauges,
    engine: Engine,
}

/// Cumulative since the start of the process.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UsageCounters)]
struct Counters {
    requests: u64,
    /// Bytes sent to clients.
    bytes_out: u64,
    #[serde(default)]
    job_runs: u64,
}

/// Present sizes; unknown ones are left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = UsageGauges)]
struct Gauges {
    file_bytes: Option<u64>,
    database_bytes: Option<u64>,
}

/// Compute time since the start of the process.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UsageEngine)]
struct Engine {
    /// `dev`, `s`, `m`, `l` or `xl`.
    tier: String,
    seconds: u64,
}

/// Books a usage report. Repeated, late and reordered reports change nothing in the end.
#[utoipa::path(
    post, path = "/internal/v1/usage", tag = "internal", security(("usage_token" = [])),
    request_body = UsageReport,
    responses((status = 204, description = "Booked, or known already.")),
)]
pub async fn usage_report(
    request: HttpRequest,
    state: Data<AppState>,
    body: Body<UsageReport>,
) -> Result<HttpResponse, ApiError> {
    request.extensions_mut().insert(Quiet);
    let token = usage_token(&request)?;
    let report = report(body.parsed()?)?;
    usage::book(&state, token, &report)
        .await?
        .ok_or(ApiError::InvalidUsageToken)?;
    Ok(HttpResponse::NoContent().finish())
}

fn usage_token(request: &HttpRequest) -> Result<&str, ApiError> {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|text| text.strip_prefix("Bearer "))
        .map(str::trim);
    token
        .filter(|token| app_of_usage_token(token).is_some())
        .ok_or(ApiError::InvalidUsageToken)
}

fn report(body: UsageReport) -> Result<Report, ApiError> {
    let well_formed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(1..=LONGEST_INSTANCE).contains(&body.instance.len()) || !body.instance.bytes().all(well_formed) {
        return Err(ApiError::field(
            "instance",
            "must be 1 to 64 letters, digits and hyphens.",
        ));
    }
    let tier: EngineTier = body
        .engine
        .tier
        .parse()
        .map_err(|error| ApiError::field("engine.tier", format!("is not valid: {error}.")))?;
    let counter = |meter, value| Counter {
        meter,
        engine: "",
        value,
    };
    let engine_time = Counter {
        meter: Meter::EngineTime,
        engine: tier.as_str(),
        value: body.engine.seconds,
    };
    let sizes = [
        (Meter::FileStorage, body.gauges.file_bytes),
        (Meter::DatabaseStorage, body.gauges.database_bytes),
    ];
    Ok(Report {
        app: body.app,
        instance: body.instance,
        at: body.at,
        counters: vec![
            counter(Meter::Requests, body.counters.requests),
            counter(Meter::DataTransfer, body.counters.bytes_out),
            counter(Meter::Jobs, body.counters.job_runs),
            engine_time,
        ],
        sizes: sizes
            .into_iter()
            .filter_map(|(meter, bytes)| Some((meter, bytes?)))
            .collect(),
    })
}
