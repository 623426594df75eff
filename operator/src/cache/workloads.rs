//! How the replicas of every tenant are: the facts of its Deployment, and which of its pods have a problem.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use app_crd::Engine;
use app_crd::names::{FIELD_MANAGER, RUNTIME};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{app_of, version_of};
use crate::build::ENGINE_LABEL;

/// Workloads by App.
#[derive(Debug, Default)]
pub struct Workloads(Mutex<HashMap<String, Workload>>);

/// The replicas of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    pub deployment: Option<DeploymentFacts>,
    /// By name.
    pub pods: BTreeMap<String, PodFacts>,
}

/// What of a Deployment decides anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentFacts {
    pub version: u64,
    pub generation: i64,
    pub observed_generation: i64,
    /// As its spec has it.
    pub wanted: i32,
    pub replicas: i32,
    pub updated: i32,
    pub ready: i32,
    pub available: i32,
    /// Whether `spec.replicas` is among the fields we set.
    pub owns_replicas: bool,
    /// Message of the condition ReplicaFailure, if it is true.
    pub replica_failure: Option<String>,
    /// The rollout made no progress for longer than it may.
    pub deadline_exceeded: bool,
}

/// What of a pod decides anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodFacts {
    pub engine: Engine,
    pub problem: Option<PodProblem>,
    /// No process of it runs any more, nor will one.
    pub ended: bool,
}

/// Why a pod does not serve, in the words of the kubelet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodProblem {
    /// Such as `ImagePullBackOff` or `CrashLoopBackOff`.
    pub reason: String,
    pub message: String,
}

impl DeploymentFacts {
    /// Every replica is of the present template, and nothing is left to be done.
    pub fn is_complete(&self) -> bool {
        self.observed_generation >= self.generation
            && self.updated == self.wanted
            && self.replicas == self.wanted
            && self.available >= self.wanted
    }
}

impl Workload {
    /// The largest engine that any pod has, also of an older template.
    pub fn largest_engine(&self) -> Option<Engine> {
        self.pods.values().map(|pod| pod.engine).max()
    }

    /// No replica is wanted, and no process is left: of a pod that is ending, which is no replica any more, one still runs.
    pub fn is_stopped(&self) -> bool {
        let none_wanted = self
            .deployment
            .as_ref()
            .is_none_or(|facts| facts.wanted == 0 && facts.replicas == 0);
        none_wanted && self.pods.values().all(|pod| pod.ended)
    }

    /// The first problem of any pod.
    pub fn problem(&self) -> Option<&PodProblem> {
        self.pods.values().find_map(|pod| pod.problem.as_ref())
    }
}

impl Workloads {
    /// Takes in a Deployment. Returns its App if any fact has changed.
    pub fn deployment(&self, deployment: &Deployment) -> Option<String> {
        let app = app_of(&deployment.metadata)?;
        let mut apps = self.lock();
        let known = &mut apps.entry(app.to_owned()).or_default().deployment;
        let facts = facts(deployment);
        let Some(before) = known.replace(facts.clone()) else {
            return Some(app.to_owned());
        };
        if before.version > facts.version {
            *known = Some(before);
            return None;
        }
        (DeploymentFacts {
            version: facts.version,
            ..before
        } != facts)
            .then(|| app.to_owned())
    }

    /// Takes in that the Deployment has gone.
    pub fn deployment_gone(&self, metadata: &ObjectMeta) -> Option<String> {
        let app = app_of(metadata)?;
        self.lock().get_mut(app)?.deployment = None;
        Some(app.to_owned())
    }

    /// Takes in a pod. Returns its App if any fact has changed.
    pub fn pod(&self, pod: &Pod) -> Option<String> {
        let app = app_of(&pod.metadata)?;
        let name = pod.metadata.name.clone()?;
        let facts = pod_facts(pod);
        let mut apps = self.lock();
        let before = apps
            .entry(app.to_owned())
            .or_default()
            .pods
            .insert(name, facts.clone());
        (before != Some(facts)).then(|| app.to_owned())
    }

    /// Takes in that a pod has gone.
    pub fn pod_gone(&self, metadata: &ObjectMeta) -> Option<String> {
        let app = app_of(metadata)?;
        let mut apps = self.lock();
        let workload = apps.get_mut(app)?;
        workload.pods.remove(metadata.name.as_ref()?)?;
        if *workload == Workload::default() {
            apps.remove(app);
        }
        Some(app.to_owned())
    }

    /// After the watch of pods began anew: whatever it did not see has gone.
    pub fn only_pods(&self, seen: &HashSet<(String, String)>) -> Vec<String> {
        let mut touched = Vec::new();
        for (app, workload) in self.lock().iter_mut() {
            let before = workload.pods.len();
            workload
                .pods
                .retain(|name, _| seen.contains(&(app.clone(), name.clone())));
            if workload.pods.len() != before {
                touched.push(app.clone());
            }
        }
        touched
    }

    /// After the watch of Deployments began anew: the same for them.
    pub fn only_deployments(&self, seen: &HashSet<String>) {
        for (app, workload) in self.lock().iter_mut() {
            if !seen.contains(app) {
                workload.deployment = None;
            }
        }
    }

    pub fn of(&self, app: &str) -> Workload {
        self.lock().get(app).cloned().unwrap_or_default()
    }

    /// Forgets an App that has gone.
    pub fn forget(&self, app: &str) {
        self.lock().remove(app);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Workload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn facts(deployment: &Deployment) -> DeploymentFacts {
    let status = deployment.status.clone().unwrap_or_default();
    let condition = |kind: &str| {
        status
            .conditions
            .iter()
            .flatten()
            .find(|condition| condition.type_ == kind)
    };
    DeploymentFacts {
        version: version_of(&deployment.metadata),
        generation: deployment.metadata.generation.unwrap_or_default(),
        observed_generation: status.observed_generation.unwrap_or_default(),
        wanted: deployment
            .spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1),
        replicas: status.replicas.unwrap_or_default(),
        updated: status.updated_replicas.unwrap_or_default(),
        ready: status.ready_replicas.unwrap_or_default(),
        available: status.available_replicas.unwrap_or_default(),
        owns_replicas: owns_replicas(&deployment.metadata),
        replica_failure: condition("ReplicaFailure")
            .filter(|condition| condition.status == "True")
            .map(|condition| condition.message.clone().unwrap_or_default()),
        deadline_exceeded: condition("Progressing")
            .is_some_and(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded")),
    }
}

fn owns_replicas(metadata: &ObjectMeta) -> bool {
    metadata.managed_fields.iter().flatten().any(|entry| {
        entry.manager.as_deref() == Some(FIELD_MANAGER)
            && entry
                .fields_v1
                .as_ref()
                .is_some_and(|fields| fields.0.pointer("/f:spec/f:replicas").is_some())
    })
}

fn pod_facts(pod: &Pod) -> PodFacts {
    let label = pod
        .metadata
        .labels
        .as_ref()
        .and_then(|labels| labels.get(ENGINE_LABEL));
    let engine = Engine::ALL
        .into_iter()
        .find(|engine| label.is_some_and(|label| label == engine.as_str()));
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    PodFacts {
        engine: engine.unwrap_or_default(),
        problem: waiting(pod).or_else(|| unschedulable(pod)),
        ended: matches!(phase, Some("Succeeded" | "Failed")),
    }
}

/// Waiting for anything but the ordinary first seconds.
fn waiting(pod: &Pod) -> Option<PodProblem> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    let status = statuses.iter().find(|status| status.name == RUNTIME)?;
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.clone()?;
    let ordinary = ["ContainerCreating", "PodInitializing"].contains(&reason.as_str());
    let ended = || {
        let last = status.last_state.as_ref()?.terminated.as_ref()?;
        Some(format!("the last run ended with exit code {}", last.exit_code))
    };
    let message = waiting.message.clone().or_else(ended).unwrap_or_default();
    (!ordinary).then_some(PodProblem { reason, message })
}

fn unschedulable(pod: &Pod) -> Option<PodProblem> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let scheduled = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled")?;
    let reason = scheduled
        .reason
        .clone()
        .filter(|reason| reason == "Unschedulable")?;
    Some(PodProblem {
        reason,
        message: scheduled.message.clone().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pod_that_is_ending_still_runs_and_one_that_ended_does_not() {
        let workloads = Workloads::default();
        let labels = json!({ app_crd::names::label::APP: "app-1" });
        let deployment = json!({
            "metadata": { "name": "runtime", "labels": labels, "generation": 2 },
            "spec": { "replicas": 0, "selector": {}, "template": {} },
            "status": { "observedGeneration": 2 },
        });
        workloads.deployment(&serde_json::from_value(deployment).unwrap());
        let mut pod = json!({
            "metadata": { "name": "runtime-1", "labels": labels, "deletionTimestamp": "2026-01-01T00:00:00Z" },
            "status": { "phase": "Running" },
        });
        workloads.pod(&serde_json::from_value(pod.clone()).unwrap());
        assert!(!workloads.of("app-1").is_stopped());
        pod["status"]["phase"] = "Failed".into();
        workloads.pod(&serde_json::from_value(pod).unwrap());
        assert!(workloads.of("app-1").is_stopped());
        assert!(Workload::default().is_stopped());
    }
}
