//! Reads an `App`'s status: the operator's conditions, in the words of the control plane and its owners. Pure.

use app_crd::{App, condition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::settings::KubernetesSettings;
use crate::regions::{DesiredApp, DesiredState, ObservedApp, ObservedState};

/// How an app stands in its cluster, and what its owner is told about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub state: ObservedState,
    pub message: Option<String>,
}

/// The observation that the reconciler gets.
pub fn observed(desired: &DesiredApp, seen: Seen, app: &App, settings: &KubernetesSettings) -> ObservedApp {
    let serves = serves(app);
    ObservedApp {
        id: desired.id,
        generation: desired.generation,
        url: serves.then(|| settings.url(desired)),
        serves: Some(serves),
        state: seen.state,
        message: seen.message,
    }
}

/// Where the app stands. A status that is about an earlier spec says nothing about this one. Once all replicas have
/// `reached` what is desired, a replica that comes and goes is no news while others serve.
pub fn seen(desired: &DesiredApp, app: &App, reached: bool) -> Seen {
    if app.metadata.deletion_timestamp.is_some() {
        return on_its_way(
            desired,
            Some("The app was removed in its region and is made anew."),
        );
    }
    let status = app.status.clone().unwrap_or_default();
    let current =
        status.observed_generation.is_some() && status.observed_generation >= app.metadata.generation;
    if !current || super::resource::generation(app) > desired.generation {
        return on_its_way(desired, None);
    }
    let is = |kind: &str| find(&status.conditions, kind).is_some_and(|condition| condition.status == "True");
    let stopped = is(condition::SUSPENDED);
    let wants_to_stop = desired.state != DesiredState::Running || desired.suspended.is_some();
    match (wants_to_stop, stopped) {
        (true, true) => plain(ObservedState::Stopped),
        (true, false) => on_its_way(desired, None),
        (false, true) => failing(
            "The app was suspended by the people who run the platform. Ask them why; the audit log does not have it.",
        ),
        (false, false) => running(desired, &status.conditions, reached),
    }
}

/// Whether the operator says that the app's settings did not reach it.
pub fn lacks_settings(app: &App) -> bool {
    find(conditions(app), condition::SECRETS_READY).is_some_and(|condition| condition.status == "False")
}

/// Whether the app answers requests, by whatever spec. What the operator last said of that stands until it has looked
/// at a newer one.
pub fn serves(app: &App) -> bool {
    let ready = find(conditions(app), condition::READY);
    app.metadata.deletion_timestamp.is_none() && ready.is_some_and(|condition| condition.status == "True")
}

fn conditions(app: &App) -> &[Condition] {
    let status = app.status.as_ref();
    status
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default()
}

fn running(desired: &DesiredApp, conditions: &[Condition], reached: bool) -> Seen {
    let is_true = |kind: &str| find(conditions, kind).filter(|condition| condition.status == "True");
    let ready = is_true(condition::READY).is_some();
    let rolling = is_true(condition::PROGRESSING).is_some();
    if let Some(degraded) = is_true(condition::DEGRADED) {
        let state = if ready {
            ObservedState::Ready
        } else {
            ObservedState::Failing
        };
        let message = Some(degraded_sentence(degraded, ready));
        return Seen { state, message };
    }
    if ready && (reached || !rolling) {
        return plain(ObservedState::Ready);
    }
    if rolling {
        return on_its_way(desired, None);
    }
    match condition::READY_NEEDS
        .iter()
        .filter_map(|kind| find(conditions, kind))
        .find(|condition| condition.status == "False" && !condition::is_waiting(&condition.reason))
    {
        Some(missing) => failing(&missing_sentence(missing)),
        None => on_its_way(desired, None),
    }
}

fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// The reason goes along, for whoever the owner asks: the operator's own message is for people with kubectl.
fn degraded_sentence(condition: &Condition, ready: bool) -> String {
    let reason = &condition.reason;
    if ready {
        format!("The app serves, but something about it needs the people who run the platform ({reason}).")
    } else {
        format!("The app does not serve, and needs the people who run the platform ({reason}).")
    }
}

fn missing_sentence(missing: &Condition) -> String {
    let what = match missing.type_.as_str() {
        condition::NAMESPACE_READY => "The app's place in its region could not be prepared",
        condition::SECRETS_READY => "The app's keys have not reached its region",
        condition::DATABASE_READY => "The app's database does not answer",
        condition::WORKLOAD_AVAILABLE => "The app's processes do not become ready",
        _ => "The app's address does not lead to it",
    };
    let reason = &missing.reason;
    format!("{what} ({reason}). It is tried again; if it stays, tell the people who run the platform.")
}

fn plain(state: ObservedState) -> Seen {
    Seen { state, message: None }
}

fn failing(message: &str) -> Seen {
    Seen {
        state: ObservedState::Failing,
        message: Some(message.to_owned()),
    }
}

/// It served before, or it comes up for the first time.
fn on_its_way(desired: &DesiredApp, message: Option<&str>) -> Seen {
    let state = if desired.observed_generation > 0 {
        ObservedState::Restarting
    } else {
        ObservedState::Provisioning
    };
    Seen {
        state,
        message: message.map(str::to_owned),
    }
}
