//! What people see under `kubectl describe`: one event for each change of a condition that means something to them.

use app_crd::condition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::{Client, Resource};

use app_crd::names::MANAGER;

use crate::app_object::AppObject;

/// Writes events about Apps, next to them in the control namespace.
pub struct Events(Recorder);

impl Events {
    pub fn new(client: Client) -> Self {
        let reporter = Reporter {
            controller: MANAGER.to_owned(),
            instance: None,
        };
        Self(Recorder::new(client, reporter))
    }

    /// Tells of every change between two lists of conditions. An event that cannot be written is only logged: conditions
    /// are what programs read.
    pub async fn tell(&self, app: &AppObject, before: &[Condition], after: &[Condition]) {
        for event in changes(before, after) {
            if let Err(error) = self.0.publish(&event, &app.object_ref(&())).await {
                tracing::debug!(app = app.name(), reason = event.reason, %error, "an event was not written");
            }
        }
    }
}

/// The events of a change of conditions.
fn changes(before: &[Condition], after: &[Condition]) -> Vec<Event> {
    let old = |kind: &str| before.iter().find(|condition| condition.type_ == kind);
    after
        .iter()
        .filter(|now| old(&now.type_).is_none_or(|old| old.status != now.status || old.reason != now.reason))
        .filter_map(|now| event(old(&now.type_), now))
        .collect()
}

fn event(before: Option<&Condition>, now: &Condition) -> Option<Event> {
    let was_true = before.is_some_and(|before| before.status == "True");
    let (type_, action) = match (now.type_.as_str(), now.status.as_str()) {
        (condition::READY, "True") if !was_true => (EventType::Normal, "Ready"),
        (condition::SUSPENDED, "True") => (EventType::Normal, "Suspend"),
        (condition::SUSPENDED, "False") if was_true && !condition::is_waiting(&now.reason) => {
            (EventType::Normal, "Resume")
        }
        (condition::RECONCILIATION_PAUSED, "True") => (EventType::Normal, "Pause"),
        (condition::DEGRADED, "True") => (EventType::Warning, "Reconcile"),
        (kind, "False") if condition::READY_NEEDS.contains(&kind) && !condition::is_waiting(&now.reason) => {
            (EventType::Warning, "Reconcile")
        }
        _ => return None,
    };
    Some(Event {
        type_,
        reason: if action == "Resume" {
            "Resumed".to_owned()
        } else {
            now.reason.clone()
        },
        note: Some(now.message.chars().take(1000).collect()),
        action: action.to_owned(),
        secondary: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn condition(kind: &str, status: &str, reason: &str) -> Condition {
        serde_json::from_value(json!({
            "type": kind, "status": status, "reason": reason, "message": "m", "lastTransitionTime": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    fn reasons(before: &[Condition], after: &[Condition]) -> Vec<String> {
        changes(before, after)
            .into_iter()
            .map(|event| event.reason)
            .collect()
    }

    #[test]
    fn the_first_seconds_of_an_app_are_one_event() {
        let waiting = [
            condition("WorkloadAvailable", "False", "Starting"),
            condition("Ready", "False", "Starting"),
            condition("Suspended", "False", "NotSuspended"),
        ];
        assert_eq!(reasons(&[], &waiting), [""; 0]);
        assert_eq!(
            reasons(&waiting, &[condition("Ready", "True", "Serving")]),
            ["Serving"]
        );
    }

    #[test]
    fn a_problem_is_told_once() {
        let problem = [condition("SecretsReady", "False", "SecretMissing")];
        assert_eq!(reasons(&[], &problem), ["SecretMissing"]);
        assert_eq!(reasons(&problem, &problem), [""; 0]);
    }
}
