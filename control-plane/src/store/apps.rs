//! Apps as their owners see and change them. Every function is scoped by the account that asks.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use ids::{AccountId, AppId, OrganizationId};
use sqlx::{PgConnection, PgExecutor};

use super::typed;
use crate::{
    auth::Role,
    regions::{Region, Sizing, SuspensionReason},
};

/// One app.
#[derive(Debug, Clone)]
pub struct App {
    pub id: AppId,
    pub organization_id: OrganizationId,
    pub name: String,
    pub region: Region,
    /// The Parse application id; fixed at creation.
    pub application_id: String,
    /// `building` or `live`.
    pub stage: String,
    /// Grows with every change the region has to apply.
    pub generation: i64,
    /// The last generation the region has reported on.
    pub observed_generation: i64,
    /// What the region last reported; see [`crate::regions::ObservedState`].
    pub observed_state: String,
    pub observed_message: Option<String>,
    /// Whether it answers requests, as the region last said.
    pub observed_serving: bool,
    pub url: Option<String>,
    pub sizing: Sizing,
    /// Why it does not serve while it must not, and since when.
    pub suspension: Option<(SuspensionReason, DateTime<Utc>)>,
    pub first_request_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub purge_after: Option<DateTime<Utc>>,
}

/// What a new app starts with.
#[derive(Debug)]
pub struct NewApp<'a> {
    pub id: AppId,
    pub organization_id: OrganizationId,
    pub name: &'a str,
    pub region: Region,
    pub application_id: &'a str,
    /// SHA-256 of the token its runtime reports usage with.
    pub usage_token_sha256: [u8; 32],
}

/// Which page of apps is asked for.
#[derive(Debug)]
pub struct Page {
    /// How many at most.
    pub limit: i64,
    /// Only apps older than this one.
    pub before: Option<AppId>,
    pub include_deleted: bool,
}

struct AppRow {
    id: String,
    organization_id: String,
    name: String,
    region: String,
    application_id: String,
    stage: String,
    generation: i64,
    observed_generation: i64,
    observed_state: String,
    observed_message: Option<String>,
    observed_serving: bool,
    url: Option<String>,
    engine: String,
    replicas_min: i32,
    replicas_max: Option<i32>,
    high_availability: bool,
    suspension: Option<String>,
    suspended_at: Option<DateTime<Utc>>,
    first_request_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    purge_after: Option<DateTime<Utc>>,
    role: String,
}

impl AppRow {
    fn typed(self) -> Result<(App, Role), sqlx::Error> {
        let role = typed(&self.role)?;
        let reason: Option<SuspensionReason> = self.suspension.as_deref().map(typed).transpose()?;
        let app = App {
            id: typed(&self.id)?,
            organization_id: typed(&self.organization_id)?,
            name: self.name,
            region: typed(&self.region)?,
            application_id: self.application_id,
            stage: self.stage,
            generation: self.generation,
            observed_generation: self.observed_generation,
            observed_state: self.observed_state,
            observed_message: self.observed_message,
            observed_serving: self.observed_serving,
            url: self.url,
            sizing: Sizing {
                engine: typed(&self.engine)?,
                replicas_min: self.replicas_min,
                replicas_max: self.replicas_max,
                high_availability: self.high_availability,
            },
            suspension: reason.zip(self.suspended_at),
            first_request_at: self.first_request_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted_at,
            purge_after: self.purge_after,
        };
        Ok((app, role))
    }
}

/// The apps of the account `$1`, with what is asked of them besides: the text that follows, and its arguments.
macro_rules! query_apps {
    ($besides:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            AppRow,
            "SELECT
            apps.id,
            apps.organization_id,
            apps.name,
            apps.region,
            apps.application_id,
            apps.stage,
            apps.generation,
            apps.observed_generation,
            apps.observed_state,
            apps.observed_message,
            apps.observed_serving,
            apps.url,
            apps.engine,
            apps.replicas_min,
            apps.replicas_max,
            apps.high_availability,
            apps.suspension,
            apps.suspended_at,
            apps.first_request_at,
            apps.created_at,
            apps.updated_at,
            apps.deleted_at,
            apps.purge_after,
            memberships.role
        FROM apps
        JOIN memberships USING (organization_id)
        WHERE memberships.account_id = $1" + $besides,
            $($argument),+
        )
    };
}

/// The app, and the role the account has in its organization. `None` for a foreign, purged or missing app.
pub async fn find(
    db: impl PgExecutor<'_>,
    account: AccountId,
    id: AppId,
) -> Result<Option<(App, Role)>, sqlx::Error> {
    let row = query_apps!(
        "
          AND apps.id = $2
          AND apps.purged_at IS NULL",
        account.as_str(),
        id.as_str(),
    )
    .fetch_optional(db)
    .await?;
    row.map(AppRow::typed).transpose()
}

/// The same, and nobody else may change the app until the transaction ends.
pub async fn find_to_change(
    tx: &mut PgConnection,
    account: AccountId,
    id: AppId,
) -> Result<Option<App>, sqlx::Error> {
    let row = query_apps!(
        "
          AND apps.id = $2
          AND apps.purged_at IS NULL
        FOR UPDATE OF apps",
        account.as_str(),
        id.as_str(),
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| Ok(row.typed()?.0)).transpose()
}

/// Apps of all organizations of the account, newest first.
pub async fn list(db: impl PgExecutor<'_>, account: AccountId, page: &Page) -> Result<Vec<App>, sqlx::Error> {
    let rows = query_apps!(
        "
          AND apps.purged_at IS NULL
          AND ($2::text IS NULL OR apps.id < $2)
          AND ($3 OR apps.deleted_at IS NULL)
        ORDER BY apps.id DESC
        LIMIT $4",
        account.as_str(),
        page.before.as_ref().map(AppId::as_str),
        page.include_deleted,
        page.limit,
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(|row| Ok(row.typed()?.0)).collect()
}

/// The regions in which organizations of the account have apps.
pub async fn list_regions(
    db: impl PgExecutor<'_>,
    account: AccountId,
) -> Result<BTreeSet<Region>, sqlx::Error> {
    let regions = sqlx::query_scalar!(
        "SELECT DISTINCT apps.region
        FROM apps
        JOIN memberships USING (organization_id)
        WHERE memberships.account_id = $1
          AND apps.purged_at IS NULL",
        account.as_str(),
    )
    .fetch_all(db)
    .await?;
    regions.iter().map(|region| typed(region)).collect()
}

/// How many apps of the organization are not deleted. Locks the organization until the transaction ends,
/// so that two creations at once cannot both pass the limit.
pub async fn count_live(db: &mut PgConnection, organization: OrganizationId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT id FROM organizations WHERE id = $1 FOR UPDATE",
        organization.as_str()
    )
    .fetch_optional(&mut *db)
    .await?;
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!"
        FROM apps
        WHERE organization_id = $1
          AND deleted_at IS NULL"#,
        organization.as_str(),
    )
    .fetch_one(db)
    .await
}

/// Adds an app. `false` when its application id is taken: try another.
pub async fn insert(
    db: impl PgExecutor<'_>,
    app: &NewApp<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO apps
            (id, organization_id, name, region, application_id, usage_token_sha256, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        ON CONFLICT (application_id) DO NOTHING",
        app.id.as_str(),
        app.organization_id.as_str(),
        app.name,
        app.region.as_str(),
        app.application_id,
        app.usage_token_sha256.as_slice(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the app another name.
pub async fn rename(
    db: impl PgExecutor<'_>,
    id: AppId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET name = $2,
            generation = generation + 1,
            updated_at = $3
        WHERE id = $1
          AND deleted_at IS NULL",
        id.as_str(),
        name,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Marks the app deleted; its data is kept until `purge_after`. `false` when it was deleted already.
pub async fn delete(
    db: impl PgExecutor<'_>,
    id: AppId,
    now: DateTime<Utc>,
    purge_after: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET deleted_at = $2,
            purge_after = $3,
            generation = generation + 1,
            updated_at = $2
        WHERE id = $1
          AND deleted_at IS NULL",
        id.as_str(),
        now,
        purge_after,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a deletion back while its undo window is open. `false` when the window is over, the purge has begun,
/// or nothing was deleted. Waits for a [`begin_purge`](super::desired::begin_purge) under way: one of the two wins.
pub async fn undelete(db: impl PgExecutor<'_>, id: AppId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE apps
        SET deleted_at = NULL,
            purge_after = NULL,
            observed_state = 'provisioning',
            generation = generation + 1,
            updated_at = $2
        WHERE id = $1
          AND deleted_at IS NOT NULL
          AND purge_after > $2
          AND purging_at IS NULL
          AND purged_at IS NULL",
        id.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Makes the region apply the app anew, e.g. after a key was rotated.
pub async fn bump_generation(
    db: impl PgExecutor<'_>,
    id: AppId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE apps
        SET generation = generation + 1,
            updated_at = $2
        WHERE id = $1",
        id.as_str(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many apps are in each observed state, for `/metrics`.
pub async fn count_by_status(db: impl PgExecutor<'_>) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT
            CASE WHEN deleted_at IS NULL THEN observed_state ELSE 'deleted' END AS "status!",
            count(*) AS "count!"
        FROM apps
        WHERE purged_at IS NULL
        GROUP BY 1"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.status, row.count)).collect())
}
