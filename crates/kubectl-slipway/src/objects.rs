//! What a tenant's objects say about themselves, in a few words.

use serde_json::Value;

/// One object of a tenant as `status` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As `kubectl` takes it: `deployment/runtime`.
    pub name: String,
    pub state: String,
    /// Whether it is as it should be; None for objects that just are.
    pub healthy: Option<bool>,
}

impl Line {
    /// From an object as the API server gave it.
    pub fn of(kind: &str, object: &Value) -> Self {
        let name = text(object, "/metadata/name");
        let (state, healthy) = if object.pointer("/metadata/deletionTimestamp").is_some() {
            ("is being deleted".to_owned(), Some(false))
        } else {
            state(kind, object)
        };
        let name = format!("{}/{name}", kind.to_ascii_lowercase());
        Self { name, state, healthy }
    }

    /// With a mark in front, so that the eye finds what is wrong.
    pub fn print(&self) -> [String; 2] {
        let mark = match self.healthy {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "·",
        };
        [format!("{mark} {}", self.name), self.state.clone()]
    }
}

fn state(kind: &str, object: &Value) -> (String, Option<bool>) {
    match kind {
        "Namespace" => {
            let phase = text(object, "/status/phase");
            let healthy = phase == "Active";
            (phase, Some(healthy))
        }
        "Deployment" => deployment(object),
        "Pod" => pod(object),
        "Ingress" => (hosts(object), None),
        "Service" => (text(object, "/spec/clusterIP"), None),
        "HorizontalPodAutoscaler" => (autoscaler(object), None),
        "PodDisruptionBudget" => (
            format!("{} may be away now", number(object, "/status/disruptionsAllowed")),
            None,
        ),
        "ResourceQuota" => quota(object),
        _ => (String::new(), None),
    }
}

fn deployment(object: &Value) -> (String, Option<bool>) {
    let wanted = number(object, "/spec/replicas");
    let ready = number(object, "/status/readyReplicas");
    let updated = number(object, "/status/updatedReplicas");
    let behind = number(object, "/status/observedGeneration") < number(object, "/metadata/generation");
    let rolling = behind || updated < wanted || number(object, "/status/replicas") > updated;
    let state = format!(
        "{ready} of {wanted} ready{}",
        if rolling { ", rolling" } else { "" }
    );
    (state, Some(ready >= wanted && !behind))
}

fn pod(object: &Value) -> (String, Option<bool>) {
    let containers = object
        .pointer("/status/containerStatuses")
        .and_then(Value::as_array);
    let containers = containers.map(Vec::as_slice).unwrap_or_default();
    let ready = !containers.is_empty() && containers.iter().all(|c| c["ready"] == true);
    let waiting = containers
        .iter()
        .find_map(|c| c.pointer("/state/waiting/reason")?.as_str());
    let restarts: i64 = containers.iter().map(|c| number(c, "/restartCount")).sum();
    let ended = containers
        .iter()
        .find_map(|c| c.pointer("/lastState/terminated/reason")?.as_str());
    let mut state = match (waiting, ready) {
        (Some(reason), _) => reason.to_owned(),
        (None, true) => "ready".to_owned(),
        (None, false) => text(object, "/status/phase"),
    };
    if restarts > 0 {
        state += &format!(", started {restarts} times again");
        state += &ended
            .map(|reason| format!(" (last end: {reason})"))
            .unwrap_or_default();
    }
    let node = text(object, "/spec/nodeName");
    if !node.is_empty() {
        state += &format!(", on {node}");
    }
    (state, Some(ready))
}

fn hosts(object: &Value) -> String {
    let rules = object.pointer("/spec/rules").and_then(Value::as_array);
    let hosts = rules
        .into_iter()
        .flatten()
        .filter_map(|rule| rule["host"].as_str());
    hosts.collect::<Vec<_>>().join(", ")
}

fn autoscaler(object: &Value) -> String {
    format!(
        "{} of {} to {} replicas",
        number(object, "/status/currentReplicas"),
        number(object, "/spec/minReplicas"),
        number(object, "/spec/maxReplicas"),
    )
}

/// A quota that is used up is the usual reason for pods that are missing without a trace. One for what a tenant has
/// anyway, such as its only Service, tells nothing.
fn quota(object: &Value) -> (String, Option<bool>) {
    let Some(hard) = object.pointer("/status/hard").and_then(Value::as_object) else {
        return (String::new(), None);
    };
    let is_full = |key: &str, limit: &Value| {
        let used = object.pointer("/status/used").and_then(|used| used.get(key));
        keeps_pods_away(key) && limit != "0" && used == Some(limit)
    };
    let full: Vec<&str> = hard
        .iter()
        .filter(|(key, limit)| is_full(key, limit))
        .map(|(key, _)| key.as_str())
        .collect();
    if full.is_empty() {
        return ("has room".to_owned(), Some(true));
    }
    (format!("used up: {}", full.join(", ")), Some(false))
}

fn keeps_pods_away(key: &str) -> bool {
    key == "pods" || key.starts_with("limits.") || key.starts_with("requests.")
}

fn text(object: &Value, pointer: &str) -> String {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deployment_that_lacks_pods_is_not_healthy() {
        let object = json!({
            "metadata": {"name": "runtime", "generation": 3}, "spec": {"replicas": 2},
            "status": {"observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "readyReplicas": 1},
        });
        let line = Line::of("Deployment", &object);
        assert_eq!(line.name, "deployment/runtime");
        assert_eq!(line.state, "1 of 2 ready, rolling");
        assert_eq!(line.healthy, Some(false));
    }

    #[test]
    fn a_deployment_of_nothing_is_healthy() {
        let object = json!({"metadata": {"name": "runtime"}, "spec": {"replicas": 0}, "status": {}});
        let line = Line::of("Deployment", &object);
        assert_eq!((line.state.as_str(), line.healthy), ("0 of 0 ready", Some(true)));
    }

    #[test]
    fn a_pod_says_why_it_waits_and_how_it_ended() {
        let object = json!({
            "metadata": {"name": "runtime-1"}, "spec": {"nodeName": "eu-1"},
            "status": {"phase": "Running", "containerStatuses": [{
                "ready": false, "restartCount": 4,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"reason": "OOMKilled"}},
            }]},
        });
        let line = Line::of("Pod", &object);
        assert_eq!(
            line.state,
            "CrashLoopBackOff, started 4 times again (last end: OOMKilled), on eu-1"
        );
        assert_eq!(line.healthy, Some(false));
    }

    #[test]
    fn a_quota_without_room_for_pods_is_named_and_others_are_not() {
        let object = json!({
            "metadata": {"name": "tenant"},
            "status": {"hard": {"pods": "3", "limits.cpu": "2", "services": "1", "services.nodeports": "0"},
                "used": {"pods": "3", "limits.cpu": "1", "services": "1", "services.nodeports": "0"}},
        });
        let line = Line::of("ResourceQuota", &object);
        assert_eq!(
            (line.state.as_str(), line.healthy),
            ("used up: pods", Some(false))
        );
    }

    #[test]
    fn what_is_being_deleted_says_so() {
        let object = json!({"metadata": {"name": "x", "deletionTimestamp": "2026-01-01T00:00:00Z"}});
        assert_eq!(Line::of("Service", &object).state, "is being deleted");
    }
}
