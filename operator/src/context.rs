//! What every reconcile works with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app_crd::AppStatus;
use chrono::TimeDelta;
use ids::{Clock, IdSource};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::runtime::reflector::{ObjectRef, Store};
use kube::{Api, Client};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app_object::AppObject;
use crate::backoff::Backoffs;
use crate::bell::Bell;
use crate::build::Placement;
use crate::cache::Cache;
use crate::config::Config;
use crate::database::{Candidate, Databases, KnownUsers, choose};
use crate::events::Events;
use crate::metrics::Metrics;

/// Shared by all reconciles of one process.
pub struct Context {
    pub client: Client,
    pub config: Arc<Config>,
    pub apps: Store<AppObject>,
    pub cache: Cache,
    pub databases: Databases,
    pub users: KnownUsers,
    pub backoffs: Backoffs,
    pub events: Events,
    pub metrics: Arc<Metrics>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    bell: Arc<Bell>,
    memory: Mutex<Memory>,
}

/// What is not worth a request to find out again.
#[derive(Default)]
struct Memory {
    /// Status by uid, as the API server has it after our last write, with its version.
    statuses: HashMap<String, (u64, AppStatus)>,
    /// Generation by uid of the specs that were found valid: the rules are not cheap to ask.
    valid: HashMap<String, i64>,
    /// Clusters that do not answer, and why.
    down: HashMap<String, String>,
    /// Placements that are decided but not yet in the cache, by App.
    placing: HashMap<String, String>,
}

/// What a [`Context`] is made from.
pub struct Parts {
    pub client: Client,
    pub config: Arc<Config>,
    pub apps: Store<AppObject>,
    pub databases: Databases,
    pub metrics: Arc<Metrics>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub bell: Arc<Bell>,
}

impl Context {
    pub fn new(parts: Parts) -> Self {
        Self {
            events: Events::new(parts.client.clone()),
            client: parts.client,
            config: parts.config,
            apps: parts.apps,
            cache: Cache::default(),
            databases: parts.databases,
            users: KnownUsers::default(),
            backoffs: Backoffs::default(),
            metrics: parts.metrics,
            clock: parts.clock,
            ids: parts.ids,
            bell: parts.bell,
            memory: Mutex::default(),
        }
    }

    /// The Apps of the control namespace.
    pub fn app_api(&self) -> Api<AppObject> {
        Api::namespaced(self.client.clone(), &self.config.namespace)
    }

    pub fn reference(&self, app: &str) -> ObjectRef<AppObject> {
        ObjectRef::new(app).within(&self.config.namespace)
    }

    /// Has an App looked at soon.
    pub fn wake(&self, app: &str) {
        self.bell.ring(self.reference(app));
    }

    /// The Apps to look at, from now on.
    pub fn changes(&self) -> UnboundedReceiver<ObjectRef<AppObject>> {
        self.bell.listen()
    }

    pub fn now(&self) -> Time {
        let micros = self.clock.now().timestamp_micros();
        Time(Timestamp::from_microsecond(micros).unwrap_or_default())
    }

    /// The status that the API server has: the watch may still show the one before our last write.
    pub fn known_status(&self, app: &AppObject) -> AppStatus {
        let seen = crate::cache::version_of(&app.metadata);
        match self.memory().statuses.get(app.uid()) {
            Some((version, status)) if *version > seen => status.clone(),
            _ => app.status.clone(),
        }
    }

    /// The version that the API server has, as far as we know.
    pub fn known_version(&self, app: &AppObject) -> String {
        let seen = crate::cache::version_of(&app.metadata);
        let written = self.memory().statuses.get(app.uid()).map(|(version, _)| *version);
        written.unwrap_or_default().max(seen).to_string()
    }

    /// Whether this generation of the spec was found valid before.
    pub fn is_known_valid(&self, app: &AppObject) -> bool {
        self.memory().valid.get(app.uid()) == Some(&app.generation())
    }

    pub fn remember_valid(&self, app: &AppObject) {
        self.memory().valid.insert(app.uid().to_owned(), app.generation());
    }

    pub fn remember_status(&self, uid: &str, version: u64, status: AppStatus) {
        self.memory().statuses.insert(uid.to_owned(), (version, status));
    }

    /// Whether the database user need not be asked for: each is once between two resyncs, the shortest of which is four
    /// fifths of the interval.
    pub fn user_is_current(&self, app: &str, placement: &Placement) -> bool {
        let validity = TimeDelta::from_std(self.config.resync_interval().mul_f64(0.75));
        self.users.is_current(
            app,
            placement,
            self.clock.now(),
            validity.unwrap_or(TimeDelta::MAX),
        )
    }

    pub fn remember_user(&self, app: &str, placement: &Placement) {
        self.users.remember(app, placement, self.clock.now());
    }

    /// Why a database cluster does not answer; none while it does.
    pub fn database_down(&self, cluster: &str) -> Option<String> {
        self.memory().down.get(cluster).cloned()
    }

    pub fn set_database_down(&self, cluster: &str, reason: Option<String>) {
        let mut memory = self.memory();
        match reason {
            Some(reason) => memory.down.insert(cluster.to_owned(), reason),
            None => memory.down.remove(cluster),
        };
    }

    /// Chooses a cluster for a new App and counts the App to it at once, so that many placed together do not all land on one.
    pub fn place(&self, app: &str) -> Option<String> {
        let mut load = self.cache.passwords.load();
        let mut memory = self.memory();
        for (other, cluster) in &memory.placing {
            if other != app && self.cache.passwords.of(other).is_none() {
                *load.entry(cluster.clone()).or_default() += 1;
            }
        }
        let candidates = self
            .databases
            .iter()
            .filter(|cluster| !memory.down.contains_key(&cluster.name));
        let candidates = candidates.map(|cluster| Candidate {
            name: &cluster.name,
            capacity: cluster.capacity,
            load: load.get(&cluster.name).copied().unwrap_or_default(),
        });
        let cluster = choose(candidates)?.to_owned();
        memory.placing.insert(app.to_owned(), cluster.clone());
        Some(cluster)
    }

    /// Forgets an App that has gone for good.
    pub fn forget(&self, app: &AppObject) {
        let name = app.name();
        self.cache.children.forget(name);
        self.cache.workloads.forget(name);
        self.cache.passwords.forget(name);
        self.backoffs.reset(name);
        self.users.forget(name);
        let mut memory = self.memory();
        memory.statuses.remove(app.uid());
        memory.valid.remove(app.uid());
        memory.placing.remove(name);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
