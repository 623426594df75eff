//! Booking usage reports, and reading the month to date. The arithmetic is [`billing::ledger`]'s.

use std::collections::HashMap;

use billing::{Meter, Period, PriceBook, ledger};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use ids::AppId;
use sqlx::PgConnection;

use crate::{
    crypto::sha256,
    error::ApiError,
    state::AppState,
    store::usage::{self, Booking},
};

/// A late report is booked in the hour it tells of, as long as that is not longer ago than this.
const LATEST: TimeDelta = TimeDelta::hours(48);

/// What a runtime says about itself: how far each of its counters has come since it started.
#[derive(Debug)]
pub struct Report {
    pub app: AppId,
    pub instance: String,
    pub at: DateTime<Utc>,
    pub counters: Vec<Counter>,
    /// Present sizes in bytes.
    pub sizes: Vec<(Meter, u64)>,
}

/// One cumulative counter of a runtime process.
#[derive(Debug)]
pub struct Counter {
    pub meter: Meter,
    /// The engine tier for [`Meter::EngineTime`], else empty.
    pub engine: &'static str,
    pub value: u64,
}

/// Books what a report adds to the highest values seen from its process. Reports of one app are booked one at
/// a time; a repeated, reordered or lost one changes nothing. `None` when the token is not that app's.
pub async fn book(state: &AppState, token: &str, report: &Report) -> Result<Option<()>, ApiError> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let reporting = usage::lock_app_of_token(&mut *tx, &sha256(&[token.as_bytes()])).await?;
    let Some(reporting) = reporting.filter(|app| app.id == report.app.as_str()) else {
        return Ok(None);
    };
    let at = report.at.clamp(now - LATEST, now);
    let requests = book_counters(&mut tx, report, hour_of(at)?).await?;
    if !report.sizes.is_empty() {
        usage::sample(&mut tx, report.app, &report.sizes, hour_of(at)?, at).await?;
    }
    if requests > 0 && reporting.first_request_at.is_none() {
        usage::set_first_request(&mut tx, report.app, at).await?;
    }
    tx.commit().await?;
    Ok(Some(()))
}

/// Returns how many requests were booked.
async fn book_counters(
    tx: &mut PgConnection,
    report: &Report,
    hour: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let known = usage::high_water(tx, report.app, &report.instance)
        .await?
        .into_iter()
        .collect();
    let (highest, bookings) = increases(&report.counters, &known);
    if !bookings.is_empty() {
        usage::raise_high_water(tx, report.app, &report.instance, &highest).await?;
        usage::book(tx, report.app, hour, &bookings).await?;
    }
    let requests = bookings.iter().find(|booking| booking.meter == Meter::Requests);
    Ok(requests.map_or(0, |booking| booking.quantity))
}

/// The new highest value of each series that rose, and by how much its meter goes up.
fn increases(counters: &[Counter], known: &HashMap<String, u64>) -> (Vec<(String, u64)>, Vec<Booking>) {
    let risen = counters.iter().filter_map(|counter| {
        let series = series(counter);
        let booked = ledger::increase(known.get(&series).copied().unwrap_or_default(), counter.value);
        let (meter, engine) = (counter.meter, counter.engine);
        let booking = Booking {
            meter,
            engine,
            quantity: booked.increase,
        };
        (booked.increase > 0).then_some(((series, booked.highest), booking))
    });
    risen.unzip()
}

fn series(counter: &Counter) -> String {
    match counter.engine {
        "" => counter.meter.as_str().to_owned(),
        engine => format!("{}.{engine}", counter.meter),
    }
}

fn hour_of(at: DateTime<Utc>) -> Result<DateTime<Utc>, ApiError> {
    at.duration_trunc(TimeDelta::hours(1)).map_err(ApiError::internal)
}

/// What an app has used in a UTC month so far.
#[derive(Debug)]
pub struct MonthToDate {
    pub period: Period,
    pub as_of: DateTime<Utc>,
    quantities: HashMap<String, u64>,
    prices: &'static PriceBook,
}

impl MonthToDate {
    /// What was counted of a meter, or the present size for stored bytes.
    pub fn quantity(&self, meter: Meter) -> u64 {
        self.quantities.get(meter.as_str()).copied().unwrap_or_default()
    }

    /// What a whole month includes, if the meter has a quota.
    pub fn included(&self, meter: Meter) -> Option<u64> {
        self.prices.included(meter)
    }
}

/// The month to date of an app. The caller has loaded the app within its scope.
pub async fn month_to_date(state: &AppState, app: AppId) -> Result<MonthToDate, ApiError> {
    let now = state.clock.now();
    let period = Period::month_of(now).map_err(ApiError::internal)?;
    let prices = PriceBook::for_date(now.date_naive()).map_err(ApiError::internal)?;
    let counted = usage::totals(&state.pool, app, period.start(), period.end()).await?;
    let sizes = usage::latest_sizes(&state.pool, app).await?;
    let quantities = counted.into_iter().chain(sizes).collect();
    Ok(MonthToDate {
        period,
        as_of: now,
        quantities,
        prices,
    })
}
