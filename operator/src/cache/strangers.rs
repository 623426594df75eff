//! What others have put into the namespaces of tenants: objects of kinds that open a way in or out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::build::{ChildId, Kind};

/// Objects by App, whose namespace has the same name, each with its uid.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<HashMap<String, BTreeMap<ChildId, String>>>);

impl Strangers {
    /// Takes in an object of somebody else. Returns whether it is new, or was made again.
    pub fn add(&self, app: &str, id: ChildId, uid: &str) -> bool {
        let mut apps = self.lock();
        let known = apps.entry(app.to_owned()).or_default();
        known.insert(id, uid.to_owned()).as_deref() != Some(uid)
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
            known.retain(|id, _| id.kind != kind || seen.contains(id));
            !known.is_empty()
        });
    }

    pub fn contains(&self, app: &str, id: &ChildId) -> bool {
        self.lock().get(app).is_some_and(|known| known.contains_key(id))
    }

    pub fn of(&self, app: &str) -> Vec<ChildId> {
        let apps = self.lock();
        apps.get(app)
            .map(|known| known.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<ChildId, String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_is_made_again_is_a_new_one() {
        let strangers = Strangers::default();
        let id = ChildId {
            kind: Kind::NetworkPolicy,
            namespace: Some("app-1".to_owned()),
            name: "open".to_owned(),
        };
        assert!(strangers.add("app-1", id.clone(), "first"));
        assert!(!strangers.add("app-1", id.clone(), "first"));
        assert!(strangers.add("app-1", id.clone(), "second"));
        strangers.remove("app-1", &id);
        assert!(!strangers.contains("app-1", &id));
    }
}
