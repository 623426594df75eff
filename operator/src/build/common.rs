//! What every builder gets, and what all objects of a tenant share.

use std::collections::BTreeMap;

use app_crd::names::{self, annotation, label};
use app_crd::{AppSpec, Engine};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::settings::Settings;
use crate::config::Config;

/// Label of a pod: its engine. Pods of an older template keep theirs until they have gone.
pub const ENGINE_LABEL: &str = "apps.slipway.dev/engine";

/// Where an app's data are, and the password to reach them; the content of the Secret `database`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Name of the database cluster in the settings.
    pub cluster: String,
    /// Name of the database and its user.
    pub database: String,
    /// Whoever holds it reads and writes all of the app's data.
    pub password: String,
}

/// Where the hosts of an app lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the tenant's pods.
    Tenant,
    /// To the operator, which says why the app does not answer.
    Suspended,
}

/// A validated App with all that its objects are made from.
#[derive(Clone, Debug)]
pub struct Tenant<'a> {
    /// Name of the App, and of the namespace.
    pub name: &'a str,
    /// Uid of the App.
    pub uid: &'a str,
    pub spec: &'a AppSpec,
    pub config: &'a Config,
    pub settings: &'a Settings,
    /// Name of the database cluster.
    pub cluster: &'a str,
    /// The hosts that no older App has.
    pub hosts: &'a [String],
    pub route: Route,
    /// The largest engine that any pod still has.
    pub largest: Engine,
    /// Any new value replaces all pods.
    pub restarted_at: Option<&'a str>,
}

impl Tenant<'_> {
    /// Labels of everything that belongs to the tenant.
    pub fn labels(&self) -> BTreeMap<String, String> {
        labels(self.name, self.config)
    }

    /// Labels that only the tenant's pods have.
    pub fn pod_labels(&self) -> BTreeMap<String, String> {
        pod_labels(self.name)
    }

    pub fn pod_selector(&self) -> LabelSelector {
        selector(&self.pod_labels())
    }

    /// Metadata of an object in the tenant's namespace.
    pub fn metadata(&self, name: &str) -> ObjectMeta {
        metadata(self.name, self.config, name)
    }

    /// The replicas there can be, apart from those of a rollout.
    pub fn most_replicas(&self) -> i32 {
        let replicas = &self.spec.replicas;
        replicas.max.unwrap_or(replicas.min).max(replicas.min)
    }

    /// Replicas that a rollout adds for its duration: a quarter, rounded up.
    pub fn surge(&self) -> i32 {
        (self.most_replicas() + 3) / 4
    }

    /// Whether the load decides how many replicas run.
    pub fn autoscaled(&self) -> bool {
        !self.suspended() && self.most_replicas() > self.spec.replicas.min
    }

    pub fn suspended(&self) -> bool {
        self.spec.suspended.is_some()
    }

    pub fn engine(&self) -> Engine {
        self.spec.engine
    }

    /// The engine to leave room for: during a rollout to a smaller one, the larger one still runs beside it.
    pub fn room(&self) -> Engine {
        self.largest.max(self.spec.engine)
    }

    /// Annotations of a pod; each value that changes makes a rollout.
    pub fn pod_annotations(&self) -> BTreeMap<String, String> {
        let hash = (annotation::SETTINGS_HASH, Some(self.settings.hash.as_str()));
        let restart = (annotation::RESTARTED_AT, self.restarted_at);
        [hash, restart]
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())))
            .collect()
    }
}

/// Labels of everything that belongs to the tenant of an App.
pub fn labels(app: &str, config: &Config) -> BTreeMap<String, String> {
    [
        (label::MANAGED_BY, names::MANAGER),
        (label::APP, app),
        (label::REGION, config.region.as_str()),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into()
}

/// Labels that only the pods of an App have.
pub fn pod_labels(app: &str) -> BTreeMap<String, String> {
    [(label::APP, app), ("app.kubernetes.io/name", names::RUNTIME)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// Metadata of an object in the namespace of an App's tenant.
pub fn metadata(app: &str, config: &Config, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(app.to_owned()),
        labels: Some(labels(app, config)),
        ..ObjectMeta::default()
    }
}

/// Selects what has all these labels.
pub fn selector(labels: &BTreeMap<String, String>) -> LabelSelector {
    LabelSelector {
        match_labels: Some(labels.clone()),
        match_expressions: None,
    }
}

#[cfg(test)]
pub mod fixture;
