//! An app as the API shows it.

use chrono::{DateTime, Utc};
use ids::{AppId, OrganizationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    regions::{Engine, Region, Sizing, SuspensionReason},
    state::AppState,
    store::apps::App,
    workers::region_is_off,
};

/// How an app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppStatus {
    /// On its way up for the first time, or after an undeletion.
    Provisioning,
    /// Answering requests.
    Ready,
    /// Coming back, or being given new settings.
    Restarting,
    /// Does not come up, or does not take something new up; `status_message` says why. It is still being retried.
    Failing,
    /// Stopped, with its data kept; `suspension` says why.
    Suspended,
    /// Stopped; `undelete` brings it back until `purge_after`.
    Deleted,
}

/// How many replicas run: always `min`, or between `min` and `max` as the load asks.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplicaRange {
    #[schema(minimum = 1, maximum = 20)]
    pub min: i32,
    /// Null: the app is not scaled by load.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 20)]
    pub max: Option<i32>,
}

impl From<Sizing> for ReplicaRange {
    fn from(sizing: Sizing) -> Self {
        Self {
            min: sizing.replicas_min,
            max: sizing.replicas_max,
        }
    }
}

/// Why an app does not serve, and since when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suspension)]
pub struct SuspensionBody {
    pub reason: SuspensionReason,
    pub since: DateTime<Utc>,
    /// What ends it.
    pub message: &'static str,
}

/// One app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = App)]
pub struct AppBody {
    #[schema(value_type = String, example = "app_01jd4y0w7qk3v5x8z9a2b4c6de")]
    pub id: AppId,
    pub name: String,
    #[schema(value_type = String)]
    pub organization_id: OrganizationId,
    pub region: Region,
    pub status: AppStatus,
    /// Whether it answers requests, as its region last said: also while it is `restarting` for something new, or `failing`
    /// to take that up.
    pub serves: bool,
    /// A sentence for the owner when something is wrong.
    #[schema(required)]
    pub status_message: Option<String>,
    /// What an SDK takes as its server URL; ends in `/parse`. Null until known.
    #[schema(required, example = "http://localhost:20000/parse")]
    pub url: Option<String>,
    /// The public Parse application id. Renaming keeps it.
    #[schema(example = "recipebox-k7m2qd")]
    pub application_id: String,
    /// `building`: signed-in users may create classes and fields by using them. `live`: they may not.
    pub stage: String,
    pub engine: Engine,
    pub replicas: ReplicaRange,
    pub high_availability: bool,
    /// Null while it may serve.
    #[schema(required)]
    pub suspension: Option<SuspensionBody>,
    /// When the first request was metered.
    #[schema(required)]
    pub first_request_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(required)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// When a deleted app's data is dropped.
    #[schema(required)]
    pub purge_after: Option<DateTime<Utc>>,
}

/// An answer about one app.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppEnvelope {
    pub app: AppBody,
}

impl AppEnvelope {
    pub fn of(state: &AppState, app: App) -> Self {
        let app = AppBody::of(state, app);
        Self { app }
    }
}

impl AppBody {
    pub fn of(state: &AppState, app: App) -> Self {
        let region = app.region;
        let off = !state.drivers.contains_key(&region);
        let status = status(&app, off || state.availability.trouble(region).is_some());
        let message = match off {
            true => Some(region_is_off(region)),
            false => app.observed_message,
        };
        Self {
            id: app.id,
            name: app.name,
            organization_id: app.organization_id,
            region: app.region,
            status,
            serves: app.observed_serving,
            status_message: message.filter(|_| status != AppStatus::Deleted),
            url: app.url,
            application_id: app.application_id,
            stage: app.stage,
            engine: app.sizing.engine,
            replicas: app.sizing.into(),
            high_availability: app.sizing.high_availability,
            suspension: app.suspension.map(|(reason, since)| SuspensionBody {
                reason,
                since,
                message: reason.sentence(),
            }),
            first_request_at: app.first_request_at,
            created_at: app.created_at,
            updated_at: app.updated_at,
            deleted_at: app.deleted_at,
            purge_after: app.purge_after,
        }
    }
}

/// What was asked for and what was last observed, in one word. While the region is `away` a change waits, and the app
/// goes on as it was.
fn status(app: &App, away: bool) -> AppStatus {
    let settled = away || app.observed_generation == app.generation;
    match app.observed_state.as_str() {
        _ if app.deleted_at.is_some() => AppStatus::Deleted,
        "stopped" if app.suspension.is_some() && settled => AppStatus::Suspended,
        "ready" if settled => AppStatus::Ready,
        "ready" | "restarting" => AppStatus::Restarting,
        "failing" => AppStatus::Failing,
        _ => AppStatus::Provisioning,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ids::SequentialIds;

    use super::*;

    fn app(observed_state: &str, observed_generation: i64) -> App {
        let ids = SequentialIds::default();
        App {
            id: AppId::new(&ids),
            organization_id: OrganizationId::new(&ids),
            name: "Shop".to_owned(),
            region: Region::Eu,
            application_id: "shop-abcdef".to_owned(),
            stage: "building".to_owned(),
            generation: 2,
            observed_generation,
            observed_state: observed_state.to_owned(),
            observed_message: None,
            observed_serving: false,
            url: None,
            sizing: Sizing::default(),
            suspension: None,
            first_request_at: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            deleted_at: None,
            purge_after: None,
        }
    }

    #[test]
    fn ready_means_ready_with_the_present_settings() {
        assert_eq!(status(&app("ready", 2), false), AppStatus::Ready);
        assert_eq!(status(&app("ready", 1), false), AppStatus::Restarting);
    }

    #[test]
    fn a_change_of_an_app_whose_region_is_away_does_not_count_as_a_restart() {
        assert_eq!(status(&app("ready", 1), true), AppStatus::Ready);
        assert_eq!(status(&app("failing", 1), true), AppStatus::Failing);
        assert_eq!(status(&app("provisioning", 0), true), AppStatus::Provisioning);
    }

    #[test]
    fn an_undeleted_app_that_is_still_stopped_is_on_its_way() {
        assert_eq!(status(&app("stopped", 1), false), AppStatus::Provisioning);
    }

    #[test]
    fn a_paused_app_is_suspended_once_it_has_stopped() {
        let paused = |observed: &str, generation| App {
            suspension: Some((SuspensionReason::UserRequested, DateTime::UNIX_EPOCH)),
            ..app(observed, generation)
        };
        assert_eq!(status(&paused("ready", 1), false), AppStatus::Restarting);
        assert_eq!(status(&paused("stopped", 2), false), AppStatus::Suspended);
        assert_eq!(status(&paused("failing", 2), false), AppStatus::Failing);
    }

    #[test]
    fn deleted_wins_over_whatever_was_observed() {
        let deleted = App {
            deleted_at: Some(DateTime::UNIX_EPOCH),
            ..app("ready", 2)
        };
        assert_eq!(status(&deleted, false), AppStatus::Deleted);
    }
}
