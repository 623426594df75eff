//! The objects of all tenants: which there are, and whether each still is what was applied.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::fingerprint::fingerprint;
use super::{app_of, version_of};
use crate::build::{Child, ChildId, Kind};

/// Objects by App.
#[derive(Debug, Default)]
pub struct Children(Mutex<HashMap<String, BTreeMap<ChildId, Known>>>);

/// What is new about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not known, or not as ours.
    New,
    /// We had applied it, and somebody else changed or deleted it.
    Drift,
}

#[derive(Debug)]
struct Known {
    uid: String,
    version: u64,
    fingerprint: u64,
    /// Hash of the manifest that made it so; none until this process has applied it.
    applied: Option<[u8; 32]>,
}

impl Children {
    /// Takes in an object as a watch saw it. Returns its App if that should be looked at.
    pub fn seen(&self, kind: Kind, metadata: &ObjectMeta) -> Option<(String, Change)> {
        let app = app_of(metadata)?;
        let mut apps = self.lock();
        let children = apps.entry(app.to_owned()).or_default();
        let id = id_of(kind, metadata);
        let (version, fingerprint) = (version_of(metadata), fingerprint(metadata));
        let change = match children.get_mut(&id) {
            Some(known) if version <= known.version => return None,
            Some(known) if known.fingerprint == fingerprint && same_uid(known, metadata) => {
                known.version = version;
                return None;
            }
            Some(known) if known.applied.is_some() => Change::Drift,
            _ => Change::New,
        };
        children.insert(id, Known::new(metadata, version, fingerprint, None));
        Some((app.to_owned(), change))
    }

    /// Takes in that an object has gone. Returns its App; drift if we did not delete it ourselves.
    pub fn gone(&self, kind: Kind, metadata: &ObjectMeta) -> Option<(String, Change)> {
        let app = app_of(metadata)?;
        let applied = self
            .take(app, &id_of(kind, metadata))
            .is_some_and(|known| known.applied.is_some());
        Some((app.to_owned(), if applied { Change::Drift } else { Change::New }))
    }

    /// Takes in that an object of this version is not ours any more: it has gone, or lost our labels. Returns what that is of
    /// one that was known.
    pub fn lost(&self, app: &str, id: &ChildId, version: u64) -> Option<Change> {
        let mut apps = self.lock();
        let children = apps.get_mut(app)?;
        // Old news of what was applied meanwhile.
        if children.get(id)?.version >= version {
            return None;
        }
        let applied = children.remove(id)?.applied.is_some();
        Some(if applied { Change::Drift } else { Change::New })
    }

    /// After a watch began anew: whatever it did not see has gone. Returns the Apps it belonged to.
    pub fn only(&self, kind: Kind, seen: &HashSet<ChildId>) -> Vec<String> {
        let mut touched = Vec::new();
        for (app, children) in self.lock().iter_mut() {
            let before = children.len();
            children.retain(|id, _| id.kind != kind || seen.contains(id));
            if children.len() != before {
                touched.push(app.clone());
            }
        }
        touched
    }

    /// Takes in the API server's answer to an apply.
    pub fn applied(&self, app: &str, child: &Child, metadata: &ObjectMeta) {
        let known = Known::new(
            metadata,
            version_of(metadata),
            fingerprint(metadata),
            Some(child.hash),
        );
        self.lock()
            .entry(app.to_owned())
            .or_default()
            .insert(child.id.clone(), known);
    }

    /// Takes in that we are about to delete an object: that it goes is no drift.
    pub fn give_up(&self, app: &str, id: &ChildId) {
        if let Some(known) = self.lock().get_mut(app).and_then(|children| children.get_mut(id)) {
            known.applied = None;
        }
    }

    /// Takes in that we deleted an object.
    pub fn remove(&self, app: &str, id: &ChildId) {
        self.take(app, id);
    }

    /// Whether the object is just what this manifest made it.
    pub fn is_current(&self, app: &str, child: &Child) -> bool {
        self.lock()
            .get(app)
            .and_then(|children| children.get(&child.id))
            .is_some_and(|known| known.applied == Some(child.hash))
    }

    /// Whether the object exists, as far as we know.
    pub fn contains(&self, app: &str, id: &ChildId) -> bool {
        self.lock()
            .get(app)
            .is_some_and(|children| children.contains_key(id))
    }

    /// All objects of an App that we know of.
    pub fn of(&self, app: &str) -> Vec<ChildId> {
        let apps = self.lock();
        apps.get(app)
            .map(|children| children.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Forgets an App that has gone.
    pub fn forget(&self, app: &str) {
        self.lock().remove(app);
    }

    fn take(&self, app: &str, id: &ChildId) -> Option<Known> {
        let mut apps = self.lock();
        let children = apps.get_mut(app)?;
        let known = children.remove(id);
        if children.is_empty() {
            apps.remove(app);
        }
        known
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<ChildId, Known>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn new(metadata: &ObjectMeta, version: u64, fingerprint: u64, applied: Option<[u8; 32]>) -> Self {
        let uid = metadata.uid.clone().unwrap_or_default();
        Self {
            uid,
            version,
            fingerprint,
            applied,
        }
    }
}

fn same_uid(known: &Known, metadata: &ObjectMeta) -> bool {
    metadata.uid.as_deref() == Some(&known.uid)
}

/// The name of an object in the cluster.
pub fn id_of(kind: Kind, metadata: &ObjectMeta) -> ChildId {
    ChildId {
        kind,
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone().unwrap_or_default(),
    }
}
