//! From findings to conditions: pure, so that a time moves only when a truth does.

use app_crd::SuspensionReason;
use app_crd::condition::{self, READY_NEEDS};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde_json::Value;

/// Conditions that are about what runs, whatever spec it was made from.
const OF_THE_REPLICAS: [&str; 2] = [condition::READY, condition::WORKLOAD_AVAILABLE];

/// The condition of this type.
pub fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Why the App is suspended, as far as its conditions say that it is.
pub fn suspended_for(conditions: &[Condition]) -> Option<SuspensionReason> {
    let suspended = find(conditions, condition::SUSPENDED).filter(|found| found.status == "True")?;
    serde_json::from_value(Value::from(suspended.reason.as_str())).ok()
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

/// Whether an App is taken out of service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    #[default]
    NotAsked,
    /// It must not serve, but may still do so.
    Asked(SuspensionReason),
    /// Its hosts lead elsewhere, and no process is left.
    Done(SuspensionReason),
}

/// All that one look at an App found out. What it did not get to stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub namespace: Option<Finding>,
    pub secrets: Option<Finding>,
    pub database: Option<Finding>,
    pub workload: Option<Finding>,
    pub route: Option<Finding>,
    pub stop: Stop,
    pub paused: bool,
    pub progressing: Option<Finding>,
    pub degraded: Option<Finding>,
}

impl Findings {
    /// All conditions, in the order people read them. `applied`: all of this generation is; else what the replicas are
    /// like says nothing about it.
    pub fn conditions(
        &self,
        generation: i64,
        applied: bool,
        before: &[Condition],
        now: &Time,
    ) -> Vec<Condition> {
        let needs = [
            &self.namespace,
            &self.secrets,
            &self.database,
            &self.workload,
            &self.route,
        ];
        let make = |kind: &str, finding: Option<&Finding>| {
            let about = if applied || !OF_THE_REPLICAS.contains(&kind) {
                Some(generation)
            } else {
                find(before, kind).and_then(|old| old.observed_generation)
            };
            condition(kind, finding, about, before, now)
        };
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
        match self.stop {
            Stop::NotAsked => {}
            Stop::Asked(reason) => {
                return Finding::no(
                    "Suspending",
                    format!("The app is being suspended: {}.", reason.as_str()),
                );
            }
            Stop::Done(reason) => {
                return Finding::no("Suspended", format!("The app is suspended: {}.", reason.as_str()));
            }
        }
        let refused = needs
            .iter()
            .find(|need| need.status == "False" && !condition::is_waiting(&need.reason));
        match refused.or_else(|| needs.iter().find(|need| need.status != "True")) {
            Some(need) => Finding::no(need.reason.clone(), format!("{}: {}", need.type_, need.message)),
            None => Finding::yes("Serving", "The app serves requests."),
        }
    }

    fn suspension(&self) -> Finding {
        match self.stop {
            Stop::Done(SuspensionReason::OpsHold) => Finding::yes(
                SuspensionReason::OpsHold.as_str(),
                "Suspended by hand: no process runs; data and keys are kept. `kubectl slipway resume` lifts it.",
            ),
            Stop::Done(reason) => Finding::yes(
                reason.as_str(),
                "No process runs; data and keys are kept. Clear spec.suspended to resume.",
            ),
            Stop::Asked(reason) => Finding::no(
                "Suspending",
                format!(
                    "Not yet suspended for {}: its hosts still lead to it, or pods of it are left. One on a node that is lost \
                     stays until the node is deleted, since its process may still run.",
                    reason.as_str()
                ),
            ),
            Stop::NotAsked => Finding::no("NotSuspended", "The app is not suspended."),
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
    about: Option<i64>,
    before: &[Condition],
    now: &Time,
) -> Condition {
    let old = find(before, kind);
    let Some(finding) = finding else {
        return old.cloned().unwrap_or_else(|| unknown(kind, about, now));
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
        observed_generation: about,
    }
}

fn unknown(kind: &str, about: Option<i64>, now: &Time) -> Condition {
    Condition {
        type_: kind.to_owned(),
        status: "Unknown".to_owned(),
        reason: "Waiting".to_owned(),
        message: "The operator has not come to this yet.".to_owned(),
        last_transition_time: now.clone(),
        observed_generation: about,
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
        super::find(conditions, kind).unwrap()
    }

    #[test]
    fn every_condition_is_there_from_the_first_look_on() {
        let conditions = Findings::default().conditions(1, true, &[], &time(1));
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
            find(&all_well().conditions(1, true, &[], &time(1)), "Ready").status,
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
            let conditions = findings.conditions(1, true, &[], &time(1));
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
            stop: Stop::Done(SuspensionReason::TrialExpired),
            ..all_well()
        };
        let conditions = findings.conditions(1, true, &[], &time(1));
        assert_eq!(find(&conditions, "Ready").reason, "Suspended");
        assert_eq!(find(&conditions, "Suspended").reason, "TrialExpired");
    }

    #[test]
    fn an_app_is_not_called_suspended_before_it_is() {
        let findings = Findings {
            stop: Stop::Asked(SuspensionReason::AbuseHold),
            ..all_well()
        };
        let conditions = findings.conditions(1, false, &[], &time(1));
        let suspended = find(&conditions, "Suspended");
        assert_eq!(
            (suspended.status.as_str(), suspended.reason.as_str()),
            ("False", "Suspending")
        );
        assert!(suspended.message.contains("AbuseHold"), "{}", suspended.message);
        assert_eq!(find(&conditions, "Ready").reason, "Suspending");
    }

    #[test]
    fn replicas_of_an_older_spec_say_nothing_about_the_new_one() {
        let first = all_well().conditions(1, true, &[], &time(1));
        let second = all_well().conditions(2, false, &first, &time(9));
        for (kind, about) in [("Ready", 1), ("WorkloadAvailable", 1), ("RouteReady", 2)] {
            assert_eq!(find(&second, kind).observed_generation, Some(about), "{kind}");
        }
        let third = all_well().conditions(2, true, &second, &time(10));
        assert_eq!(find(&third, "Ready").observed_generation, Some(2));
    }

    #[test]
    fn the_time_moves_with_the_truth_only() {
        let first = all_well().conditions(1, true, &[], &time(1));
        let mut findings = all_well();
        findings.route = Some(Finding::no("HostTaken", ""));
        findings.namespace = Some(Finding::yes("StillFine", ""));
        let second = findings.conditions(2, true, &first, &time(9));
        assert_eq!(find(&second, "NamespaceReady").last_transition_time, time(1));
        assert_eq!(find(&second, "NamespaceReady").observed_generation, Some(2));
        assert_eq!(find(&second, "RouteReady").last_transition_time, time(9));
    }

    #[test]
    fn what_was_not_looked_at_stays_as_it_was() {
        let first = all_well().conditions(1, true, &[], &time(1));
        let second = Findings::default().conditions(2, true, &first, &time(9));
        assert_eq!(find(&second, "DatabaseReady"), find(&first, "DatabaseReady"));
    }
}
