//! What the facts of a tenant's workload mean, as findings. Pure.

use std::time::Duration;

use app_crd::{AppSpec, AppStatus, condition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::cache::{DeploymentFacts, Workload};
use crate::conditions::{Finding, find};

/// What a workload without a replica that answers is on its way to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The first replica is still to come, since the birth of the app or since it was resumed.
    Starting,
    /// It has answered before.
    Serving,
    /// It must not serve.
    Suspended,
}

/// `patience`: how long an app that is resumed may take.
pub fn phase(suspended: bool, before: &AppStatus, now: &Time, patience: Duration) -> Phase {
    if suspended {
        return Phase::Suspended;
    }
    let (available, stopped) = (
        find(&before.conditions, condition::WORKLOAD_AVAILABLE),
        find(&before.conditions, condition::SUSPENDED),
    );
    let (Some(_), Some(available), Some(stopped)) = (&before.version, available, stopped) else {
        return Phase::Starting;
    };
    let starts = ["Suspended", "Starting"].contains(&available.reason.as_str());
    let since = available
        .last_transition_time
        .0
        .max(stopped.last_transition_time.0);
    let is_late = now.0.as_second() - since.as_second() > patience.as_secs().try_into().unwrap_or(i64::MAX);
    if starts && (stopped.status == "True" || !is_late) {
        Phase::Starting
    } else {
        Phase::Serving
    }
}

/// Whether enough replicas answer.
pub fn workload(phase: Phase, workload: &Workload) -> Finding {
    let facts = workload.deployment.clone().unwrap_or_default();
    if facts.available > 0 {
        return Finding::yes(
            "Available",
            format!("{} of {} replicas answer.", facts.available, facts.wanted),
        );
    }
    match (phase, problem(workload)) {
        (Phase::Suspended, _) => Finding::no("Suspended", "No replica answers: the app is suspended."),
        (_, Some((reason, message))) => Finding::no(reason, message),
        (Phase::Starting, None) => Finding::no("Starting", "The first replica is on its way."),
        (Phase::Serving, None) => Finding::no(
            "NotAnswering",
            "No replica answers any more. See the log and the events of the pods: `kubectl slipway logs`.",
        ),
    }
}

/// Whether a change is on its way; `behind`: the present spec has not been applied yet.
pub fn progressing(spec: &AppSpec, behind: bool, workload: &Workload) -> Finding {
    if behind {
        return Finding::yes(
            "Waiting",
            "The present spec is not applied yet; the other conditions say what it waits for.",
        );
    }
    let Some(facts) = &workload.deployment else {
        return Finding::yes("Creating", "The tenant is being made.");
    };
    if facts.is_complete() {
        return Finding::no(
            "Complete",
            format!("All replicas run version {}.", spec.runtime_version),
        );
    }
    Finding::yes(
        "RollingOut",
        format!(
            "{} of {} replicas are of the present spec.",
            facts.updated, facts.wanted
        ),
    )
}

/// Whether somebody is needed.
pub fn degraded(phase: Phase, workload: &Workload) -> Finding {
    let stuck = problem(workload).filter(|_| phase != Phase::Suspended);
    let silent = self::workload(phase, workload);
    match stuck {
        Some((reason, message)) => Finding::yes(reason, message),
        None if silent.reason == "NotAnswering" => Finding::yes(silent.reason, silent.message),
        None => Finding::no("AsExpected", "Nothing needs a person."),
    }
}

/// The nearest cause: why no pod could be made, then why a pod does not start, then that it takes too long.
fn problem(workload: &Workload) -> Option<(String, String)> {
    let facts = workload
        .deployment
        .as_ref()
        .filter(|facts| !facts.is_complete())?;
    refused(facts).or_else(|| pods(workload)).or_else(|| late(facts))
}

fn refused(facts: &DeploymentFacts) -> Option<(String, String)> {
    let message = facts.replica_failure.as_ref()?;
    let (reason, advice) = if message.contains("exceeded quota") {
        (
            "QuotaExceeded",
            "Look for pods that do not belong in the tenant's namespace, or lower the replicas.",
        )
    } else {
        (
            "ReplicaFailure",
            "See the events of the ReplicaSet in the tenant's namespace.",
        )
    };
    Some((
        reason.to_owned(),
        format!("Pods cannot be made: {message}. {advice}"),
    ))
}

fn pods(workload: &Workload) -> Option<(String, String)> {
    let problem = workload.problem()?;
    let advice = match problem.reason.as_str() {
        "ImagePullBackOff" | "ErrImagePull" | "InvalidImageName" => {
            "Check spec.runtimeVersion and the operator's image.repository."
        }
        "CrashLoopBackOff" => "See the log of the pod: `kubectl slipway logs`.",
        "Unschedulable" => "Add nodes, or choose a smaller engine.",
        _ => "See the events of the pod.",
    };
    Some((
        problem.reason.clone(),
        format!("A pod does not start: {}. {advice}", problem.message),
    ))
}

fn late(facts: &DeploymentFacts) -> Option<(String, String)> {
    facts.deadline_exceeded.then(|| {
        let message = "The rollout makes no progress. Replicas of the version before go on serving; see the pods of the tenant.";
        ("ProgressDeadlineExceeded".to_owned(), message.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::fixture;
    use crate::cache::{PodFacts, PodProblem};

    fn facts(available: i32, updated: i32) -> DeploymentFacts {
        DeploymentFacts {
            generation: 1,
            observed_generation: 1,
            wanted: 2,
            replicas: 2,
            updated,
            ready: available,
            available,
            ..DeploymentFacts::default()
        }
    }

    fn of(deployment: DeploymentFacts, problem: Option<&str>) -> Workload {
        let problem = problem.map(|reason| PodProblem {
            reason: reason.to_owned(),
            message: "why".to_owned(),
        });
        let pod = PodFacts {
            engine: app_crd::Engine::S,
            problem,
            ended: false,
        };
        Workload {
            deployment: Some(deployment),
            pods: [("runtime-1".to_owned(), pod)].into(),
        }
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_the_reason() {
        let state = of(facts(0, 2), Some("ImagePullBackOff"));
        let finding = workload(Phase::Starting, &state);
        assert_eq!(
            (finding.truth, finding.reason.as_str()),
            (false, "ImagePullBackOff")
        );
        assert!(
            finding.message.contains("spec.runtimeVersion"),
            "{}",
            finding.message
        );
        assert!(degraded(Phase::Starting, &state).truth);
    }

    #[test]
    fn replicas_that_run_and_do_not_answer_are_told_from_those_that_start() {
        let silent = of(facts(0, 2), None);
        assert_eq!(workload(Phase::Starting, &silent).reason, "Starting");
        assert!(!degraded(Phase::Starting, &silent).truth);
        assert_eq!(workload(Phase::Serving, &silent).reason, "NotAnswering");
        assert_eq!(degraded(Phase::Serving, &silent).reason, "NotAnswering");
        assert!(!degraded(Phase::Serving, &of(facts(1, 2), None)).truth);
        assert_eq!(workload(Phase::Suspended, &silent).reason, "Suspended");
        assert!(!degraded(Phase::Suspended, &silent).truth);
    }

    #[test]
    fn an_app_starts_until_it_has_answered_and_again_for_a_while_after_a_suspension() {
        let at = |second: i64| Time(k8s_openapi::jiff::Timestamp::from_second(second).unwrap());
        let of = |reason: &str, suspended: &str, version: Option<&str>| {
            AppStatus {
            version: version.map(str::to_owned),
            conditions: serde_json::from_value(serde_json::json!([
                { "type": "WorkloadAvailable", "status": "False", "reason": reason, "message": "", "lastTransitionTime": at(10) },
                { "type": "Suspended", "status": suspended, "reason": "x", "message": "", "lastTransitionTime": at(50) },
            ]))
            .unwrap(),
            ..AppStatus::default()
        }
        };
        let phase = |status: &AppStatus, now| phase(false, status, &at(now), Duration::from_secs(20));
        assert_eq!(phase(&AppStatus::default(), 900), Phase::Starting);
        assert_eq!(phase(&of("Starting", "False", None), 900), Phase::Starting);
        assert_eq!(phase(&of("Available", "False", Some("1")), 51), Phase::Serving);
        assert_eq!(phase(&of("Suspended", "True", Some("1")), 900), Phase::Starting);
        assert_eq!(phase(&of("Starting", "False", Some("1")), 70), Phase::Starting);
        assert_eq!(phase(&of("Starting", "False", Some("1")), 71), Phase::Serving);
    }

    #[test]
    fn a_spec_that_waits_is_not_called_complete_after_the_replicas_of_the_old_one() {
        let spec = fixture().spec;
        let complete = of(facts(2, 2), None);
        assert_eq!(progressing(&spec, false, &complete).reason, "Complete");
        let waits = progressing(&spec, true, &complete);
        assert_eq!((waits.truth, waits.reason.as_str()), (true, "Waiting"));
    }

    #[test]
    fn a_rollout_that_is_stuck_serves_and_is_degraded() {
        let spec = fixture().spec;
        let mut stuck = facts(2, 1);
        stuck.replicas = 3;
        stuck.deadline_exceeded = true;
        let state = of(stuck, None);
        assert!(workload(Phase::Serving, &state).truth);
        assert!(progressing(&spec, false, &state).truth);
        assert_eq!(
            degraded(Phase::Serving, &state).reason,
            "ProgressDeadlineExceeded"
        );
    }

    #[test]
    fn a_full_quota_is_told_from_other_refusals() {
        for (message, reason) in [
            ("pods is forbidden: exceeded quota: tenant", "QuotaExceeded"),
            ("violates PodSecurity", "ReplicaFailure"),
        ] {
            let mut refused = facts(0, 0);
            refused.replica_failure = Some(message.to_owned());
            assert_eq!(degraded(Phase::Starting, &of(refused, None)).reason, reason);
        }
    }

    #[test]
    fn old_troubles_of_a_complete_rollout_do_not_count() {
        let spec = fixture().spec;
        let state = of(facts(2, 2), Some("CrashLoopBackOff"));
        assert!(!degraded(Phase::Serving, &state).truth);
        assert!(!progressing(&spec, false, &state).truth);
    }
}
