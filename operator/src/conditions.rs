//! From findings to conditions: pure, so that a time moves only when a truth does.

use app_crd::SuspensionReason;
use app_crd::condition::{self, READY_NEEDS};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// Reasons of a condition that will come true by itself, soon.
const WAITING: [&str; 5] = [
    "Waiting",
    "Starting",
    "Suspended",
    "Deleting",
    "NamespaceTerminating",
];

/// Whether a reason is one of an ordinary wait, not of a problem.
pub fn is_waiting(reason: &str) -> bool {
    WAITING.contains(&reason)
}

/// What was found out about one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub truth: bool,
    /// One word in CamelCase.
    pub reason: String,
    /// A sentence: what is the case, and what to do about it.
    pub message: String,
}

impl Finding {
    pub fn yes(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            truth: true,
            reason: reason.into(),
            message: message.into(),
        }
    }

    pub fn no(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            truth: false,
            reason: reason.into(),
            message: message.into(),
        }
    }
}

/// All that one look at an App found out. What it did not get to stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub namespace: Option<Finding>,
    pub secrets: Option<Finding>,
    pub database: Option<Finding>,
    pub workload: Option<Finding>,
    pub route: Option<Finding>,
    pub suspended: Option<SuspensionReason>,
    pub paused: bool,
    pub progressing: Option<Finding>,
    pub degraded: Option<Finding>,
}

impl Findings {
    /// All conditions, in the order people read them.
    pub fn conditions(&self, generation: i64, before: &[Condition], now: &Time) -> Vec<Condition> {
        let needs = [
            &self.namespace,
            &self.secrets,
            &self.database,
            &self.workload,
            &self.route,
        ];
        let make = |kind: &str, finding: Option<&Finding>| condition(kind, finding, generation, before, now);
        let needs: Vec<Condition> = READY_NEEDS
            .into_iter()
            .zip(needs)
            .map(|(kind, finding)| make(kind, finding.as_ref()))
            .collect();
        let mut conditions = vec![make(condition::READY, Some(&self.ready(&needs)))];
        conditions.extend(needs);
        conditions.push(make(condition::SUSPENDED, Some(&self.suspension())));
        conditions.push(make(condition::PROGRESSING, self.progressing.as_ref()));
        conditions.push(make(condition::DEGRADED, self.degraded.as_ref()));
        conditions.push(make(condition::RECONCILIATION_PAUSED, Some(&self.pause())));
        conditions
    }

    /// True only when every need is; else it says which one is not, and why: a problem before a mere wait.
    fn ready(&self, needs: &[Condition]) -> Finding {
        if let Some(reason) = self.suspended {
            return Finding::no("Suspended", format!("The app is suspended: {}.", reason.as_str()));
        }
        let refused = needs
            .iter()
            .find(|need| need.status == "False" && !is_waiting(&need.reason));
        match refused.or_else(|| needs.iter().find(|need| need.status != "True")) {
            Some(need) => Finding::no(need.reason.clone(), format!("{}: {}", need.type_, need.message)),
            None => Finding::yes("Serving", "The app serves requests."),
        }
    }

    fn suspension(&self) -> Finding {
        match self.suspended {
            Some(SuspensionReason::OpsHold) => Finding::yes(
                SuspensionReason::OpsHold.as_str(),
                "Suspended by hand: no process runs; data and keys are kept. `kubectl slipway resume` lifts it.",
            ),
            Some(reason) => Finding::yes(
                reason.as_str(),
                "No process runs; data and keys are kept. Clear spec.suspended to resume.",
            ),
            None => Finding::no("NotSuspended", "The app is not suspended."),
        }
    }

    fn pause(&self) -> Finding {
        match self.paused {
            true => Finding::yes(
                "Annotated",
                "The operator changes nothing. Remove the annotation apps.slipway.dev/reconcile to go on.",
            ),
            false => Finding::no("NotPaused", "The operator keeps the app as its spec says."),
        }
    }
}

/// A condition keeps its time while its truth stays, and all of itself when nothing was found out about it.
fn condition(
    kind: &str,
    finding: Option<&Finding>,
    generation: i64,
    before: &[Condition],
    now: &Time,
) -> Condition {
    let old = before.iter().find(|condition| condition.type_ == kind);
    let Some(finding) = finding else {
        return old.cloned().unwrap_or_else(|| unknown(kind, generation, now));
    };
    let status = if finding.truth { "True" } else { "False" };
    let since = old
        .filter(|old| old.status == status)
        .map(|old| old.last_transition_time.clone());
    Condition {
        type_: kind.to_owned(),
        status: status.to_owned(),
        reason: finding.reason.clone(),
        message: finding.message.clone(),
        last_transition_time: since.unwrap_or_else(|| now.clone()),
        observed_generation: Some(generation),
    }
}

fn unknown(kind: &str, generation: i64, now: &Time) -> Condition {
    Condition {
        type_: kind.to_owned(),
        status: "Unknown".to_owned(),
        reason: "Waiting".to_owned(),
        message: "The operator has not come to this yet.".to_owned(),
        last_transition_time: now.clone(),
        observed_generation: Some(generation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: i64) -> Time {
        Time(k8s_openapi::jiff::Timestamp::from_second(second).unwrap())
    }

    fn all_well() -> Findings {
        let yes = Some(Finding::yes("Fine", ""));
        Findings {
            namespace: yes.clone(),
            secrets: yes.clone(),
            database: yes.clone(),
            workload: yes.clone(),
            route: yes,
            progressing: Some(Finding::no("Done", "")),
            degraded: Some(Finding::no("AsExpected", "")),
            ..Findings::default()
        }
    }

    fn find<'a>(conditions: &'a [Condition], kind: &str) -> &'a Condition {
        conditions
            .iter()
            .find(|condition| condition.type_ == kind)
            .unwrap()
    }

    #[test]
    fn every_condition_is_there_from_the_first_look_on() {
        let conditions = Findings::default().conditions(1, &[], &time(1));
        let kinds: Vec<_> = conditions
            .iter()
            .map(|condition| condition.type_.as_str())
            .collect();
        assert_eq!(
            kinds,
            [
                "Ready",
                "NamespaceReady",
                "SecretsReady",
                "DatabaseReady",
                "WorkloadAvailable",
                "RouteReady",
                "Suspended",
                "Progressing",
                "Degraded",
                "ReconciliationPaused"
            ]
        );
        assert_eq!(find(&conditions, "DatabaseReady").status, "Unknown");
        assert_eq!(find(&conditions, "Ready").status, "False");
    }

    #[test]
    fn ready_takes_every_need() {
        assert_eq!(
            find(&all_well().conditions(1, &[], &time(1)), "Ready").status,
            "True"
        );
        for spoil in 0..5 {
            let mut findings = all_well();
            let no = Some(Finding::no("Broken", "It broke."));
            *[
                &mut findings.namespace,
                &mut findings.secrets,
                &mut findings.database,
                &mut findings.workload,
                &mut findings.route,
            ][spoil] = no;
            let conditions = findings.conditions(1, &[], &time(1));
            let ready = find(&conditions, "Ready");
            assert_eq!(
                (ready.status.as_str(), ready.reason.as_str()),
                ("False", "Broken")
            );
        }
    }

    #[test]
    fn a_suspended_app_is_not_ready_whatever_else_is_true() {
        let findings = Findings {
            suspended: Some(SuspensionReason::TrialExpired),
            ..all_well()
        };
        let conditions = findings.conditions(1, &[], &time(1));
        assert_eq!(find(&conditions, "Ready").reason, "Suspended");
        assert_eq!(find(&conditions, "Suspended").reason, "TrialExpired");
    }

    #[test]
    fn the_time_moves_with_the_truth_only() {
        let first = all_well().conditions(1, &[], &time(1));
        let mut findings = all_well();
        findings.route = Some(Finding::no("HostTaken", ""));
        findings.namespace = Some(Finding::yes("StillFine", ""));
        let second = findings.conditions(2, &first, &time(9));
        assert_eq!(find(&second, "NamespaceReady").last_transition_time, time(1));
        assert_eq!(find(&second, "NamespaceReady").observed_generation, Some(2));
        assert_eq!(find(&second, "RouteReady").last_transition_time, time(9));
    }

    #[test]
    fn what_was_not_looked_at_stays_as_it_was() {
        let first = all_well().conditions(1, &[], &time(1));
        let second = Findings::default().conditions(2, &first, &time(9));
        assert_eq!(find(&second, "DatabaseReady"), find(&first, "DatabaseReady"));
    }
}
