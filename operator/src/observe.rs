//! What the facts of a tenant's workload mean, as findings. Pure.

use app_crd::AppSpec;

use crate::cache::{DeploymentFacts, Workload};
use crate::conditions::Finding;

/// Whether enough replicas answer.
pub fn workload(spec: &AppSpec, workload: &Workload) -> Finding {
    if spec.suspended.is_some() {
        return Finding::no("Suspended", "No replica runs while the app is suspended.");
    }
    let facts = workload.deployment.clone().unwrap_or_default();
    if facts.available > 0 {
        return Finding::yes(
            "Available",
            format!("{} of {} replicas answer.", facts.available, facts.wanted),
        );
    }
    match problem(workload) {
        Some((reason, message)) => Finding::no(reason, message),
        None => Finding::no("Starting", "The first replica is on its way."),
    }
}

/// Whether a change is on its way.
pub fn progressing(spec: &AppSpec, workload: &Workload) -> Finding {
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
pub fn degraded(spec: &AppSpec, workload: &Workload) -> Finding {
    let stuck = problem(workload).filter(|_| spec.suspended.is_none());
    match stuck {
        Some((reason, message)) => Finding::yes(reason, message),
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
        };
        Workload {
            deployment: Some(deployment),
            pods: [("runtime-1".to_owned(), pod)].into(),
        }
    }

    #[test]
    fn an_image_that_cannot_be_pulled_is_the_reason() {
        let spec = fixture().spec;
        let state = of(facts(0, 2), Some("ImagePullBackOff"));
        let finding = workload(&spec, &state);
        assert_eq!(
            (finding.truth, finding.reason.as_str()),
            (false, "ImagePullBackOff")
        );
        assert!(
            finding.message.contains("spec.runtimeVersion"),
            "{}",
            finding.message
        );
        assert!(degraded(&spec, &state).truth);
    }

    #[test]
    fn a_rollout_that_is_stuck_serves_and_is_degraded() {
        let spec = fixture().spec;
        let mut stuck = facts(2, 1);
        stuck.replicas = 3;
        stuck.deadline_exceeded = true;
        let state = of(stuck, None);
        assert!(workload(&spec, &state).truth);
        assert!(progressing(&spec, &state).truth);
        assert_eq!(degraded(&spec, &state).reason, "ProgressDeadlineExceeded");
    }

    #[test]
    fn a_full_quota_is_told_from_other_refusals() {
        let spec = fixture().spec;
        for (message, reason) in [
            ("pods is forbidden: exceeded quota: tenant", "QuotaExceeded"),
            ("violates PodSecurity", "ReplicaFailure"),
        ] {
            let mut refused = facts(0, 0);
            refused.replica_failure = Some(message.to_owned());
            assert_eq!(degraded(&spec, &of(refused, None)).reason, reason);
        }
    }

    #[test]
    fn old_troubles_of_a_complete_rollout_do_not_count() {
        let spec = fixture().spec;
        let state = of(facts(2, 2), Some("CrashLoopBackOff"));
        assert!(!degraded(&spec, &state).truth);
        assert!(!progressing(&spec, &state).truth);
    }
}
