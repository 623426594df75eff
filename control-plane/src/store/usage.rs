//! The usage ledger in SQL. What is booked is decided by [`billing::ledger`]; this file makes it safe under
//! repeats, reorders and concurrency by holding the app's row while it reads and writes.

use billing::Meter;
use chrono::{DateTime, Utc};
use ids::AppId;
use sqlx::{PgConnection, PgExecutor};

use super::{to_i64, to_u64};

/// What a usage token opens.
#[derive(Debug)]
pub struct ReportingApp {
    pub id: String,
    pub first_request_at: Option<DateTime<Utc>>,
}

/// An increase of one meter.
#[derive(Debug)]
pub struct Booking {
    pub meter: Meter,
    /// The engine tier for [`Meter::EngineTime`], else empty.
    pub engine: &'static str,
    pub quantity: u64,
}

/// Finds the app of a usage token and locks it until the transaction ends: two reports of one app are booked
/// one after the other.
pub async fn lock_app_of_token(
    db: impl PgExecutor<'_>,
    token_sha256: &[u8; 32],
) -> Result<Option<ReportingApp>, sqlx::Error> {
    sqlx::query_as!(
        ReportingApp,
        "SELECT id, first_request_at
        FROM apps
        WHERE usage_token_sha256 = $1
          AND purged_at IS NULL
        FOR NO KEY UPDATE",
        token_sha256.as_slice(),
    )
    .fetch_optional(db)
    .await
}

/// The highest values seen of one process, by counter.
pub async fn high_water(
    db: &mut PgConnection,
    app: AppId,
    instance: &str,
) -> Result<Vec<(String, u64)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT counter, highest
        FROM usage_high_water
        WHERE app_id = $1
          AND instance = $2",
        app.as_str(),
        instance,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.counter, to_u64(row.highest)))
        .collect())
}

/// Keeps new highest values, in one statement: reports come by the thousand.
pub async fn raise_high_water(
    db: &mut PgConnection,
    app: AppId,
    instance: &str,
    highest: &[(String, u64)],
) -> Result<(), sqlx::Error> {
    let counters: Vec<String> = highest.iter().map(|(counter, _)| counter.clone()).collect();
    let values: Vec<i64> = highest.iter().map(|(_, value)| to_i64(*value)).collect();
    sqlx::query!(
        "INSERT INTO usage_high_water AS known (app_id, instance, counter, highest)
        SELECT $1, $2, counter, highest
        FROM UNNEST($3::text[], $4::bigint[]) AS reported (counter, highest)
        ON CONFLICT (app_id, instance, counter) DO UPDATE
        SET highest = greatest(known.highest, excluded.highest)",
        app.as_str(),
        instance,
        &counters,
        &values,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds increases to an hour.
pub async fn book(
    db: &mut PgConnection,
    app: AppId,
    hour: DateTime<Utc>,
    bookings: &[Booking],
) -> Result<(), sqlx::Error> {
    let meters: Vec<String> = bookings.iter().map(|booking| booking.meter.to_string()).collect();
    let engines: Vec<String> = bookings.iter().map(|booking| booking.engine.to_owned()).collect();
    let quantities: Vec<i64> = bookings.iter().map(|booking| to_i64(booking.quantity)).collect();
    sqlx::query!(
        "INSERT INTO usage_hourly AS known (app_id, meter, engine, hour, quantity)
        SELECT $1, meter, engine, $2, quantity
        FROM UNNEST($3::text[], $4::text[], $5::bigint[]) AS booked (meter, engine, quantity)
        ON CONFLICT (app_id, meter, engine, hour) DO UPDATE
        SET quantity = known.quantity + excluded.quantity",
        app.as_str(),
        hour,
        &meters,
        &engines,
        &quantities,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps sizes in bytes; a sample older than the one of the same hour is dropped.
pub async fn sample(
    db: &mut PgConnection,
    app: AppId,
    sizes: &[(Meter, u64)],
    hour: DateTime<Utc>,
    sampled_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let meters: Vec<String> = sizes.iter().map(|(meter, _)| meter.to_string()).collect();
    let bytes: Vec<i64> = sizes.iter().map(|(_, bytes)| to_i64(*bytes)).collect();
    sqlx::query!(
        "INSERT INTO usage_gauges AS known (app_id, meter, hour, bytes, sampled_at)
        SELECT $1, meter, $2, bytes, $3
        FROM UNNEST($4::text[], $5::bigint[]) AS sampled (meter, bytes)
        ON CONFLICT (app_id, meter, hour) DO UPDATE
        SET bytes = excluded.bytes,
            sampled_at = excluded.sampled_at
        WHERE excluded.sampled_at >= known.sampled_at",
        app.as_str(),
        hour,
        sampled_at,
        &meters,
        &bytes,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes when the app's first request was seen.
pub async fn set_first_request(
    db: &mut PgConnection,
    app: AppId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET first_request_at = $2
        WHERE id = $1
          AND first_request_at IS NULL",
        app.as_str(),
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was booked from `start` until before `end`, by meter.
pub async fn totals(
    db: impl PgExecutor<'_>,
    app: AppId,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<Vec<(String, u64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT
            meter,
            sum(quantity)::bigint AS "quantity!"
        FROM usage_hourly
        WHERE app_id = $1
          AND hour >= $2
          AND hour < $3
        GROUP BY meter"#,
        app.as_str(),
        start,
        end,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.meter, to_u64(row.quantity)))
        .collect())
}

/// The last sample of each size, whenever it was taken.
pub async fn latest_sizes(db: impl PgExecutor<'_>, app: AppId) -> Result<Vec<(String, u64)>, sqlx::Error> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (meter)
            meter,
            bytes
        FROM usage_gauges
        WHERE app_id = $1
        ORDER BY meter, hour DESC",
        app.as_str(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.meter, to_u64(row.bytes)))
        .collect())
}
