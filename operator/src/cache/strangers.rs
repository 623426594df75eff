//! What others have put into the namespaces of tenants: objects of kinds that open a way in or out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::build::{ChildId, Kind};

/// Objects by App, whose namespace has the same name.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<HashMap<String, BTreeSet<ChildId>>>);

impl Strangers {
    /// Takes in an object of somebody else. Returns whether it is new.
    pub fn add(&self, app: &str, id: ChildId) -> bool {
        self.lock().entry(app.to_owned()).or_default().insert(id)
    }

    /// Takes in that an object has gone, or is ours now.
    pub fn remove(&self, app: &str, id: &ChildId) {
        let mut apps = self.lock();
        if let Some(known) = apps.get_mut(app) {
            known.remove(id);
            if known.is_empty() {
                apps.remove(app);
            }
        }
    }

    /// After a watch began anew: whatever it did not see has gone.
    pub fn only(&self, kind: Kind, seen: &HashSet<ChildId>) {
        self.lock().retain(|_, known| {
            known.retain(|id| id.kind != kind || seen.contains(id));
            !known.is_empty()
        });
    }

    pub fn contains(&self, app: &str, id: &ChildId) -> bool {
        self.lock().get(app).is_some_and(|known| known.contains(id))
    }

    pub fn of(&self, app: &str) -> Vec<ChildId> {
        let apps = self.lock();
        apps.get(app)
            .map(|known| known.iter().cloned().collect())
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, BTreeSet<ChildId>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
