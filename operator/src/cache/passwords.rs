//! The placements that the Secrets `database` of all tenants hold.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::core::v1::Secret;

use super::app_of;
use crate::build::Placement;

/// Placements by App.
#[derive(Default)]
pub struct Passwords(Mutex<HashMap<String, Placement>>);

impl Passwords {
    /// Takes in a Secret as the watch or the API server showed it. Returns its App if the placement is new.
    pub fn seen(&self, secret: &Secret) -> Option<String> {
        let app = app_of(&secret.metadata)?;
        let mut apps = self.lock();
        let known = match Placement::of_secret(secret) {
            Some(placement) => apps.insert(app.to_owned(), placement.clone()) == Some(placement),
            None => apps.remove(app).is_none(),
        };
        (!known).then(|| app.to_owned())
    }

    /// Takes in that the Secret of an App has gone.
    pub fn forget(&self, app: &str) {
        self.lock().remove(app);
    }

    /// After the watch began anew: whatever it did not see has gone. Returns the Apps.
    pub fn only(&self, seen: &HashSet<String>) -> Vec<String> {
        self.lock()
            .extract_if(|app, _| !seen.contains(app))
            .map(|(app, _)| app)
            .collect()
    }

    pub fn of(&self, app: &str) -> Option<Placement> {
        self.lock().get(app).cloned()
    }

    /// How many Apps each cluster holds.
    pub fn load(&self) -> HashMap<String, usize> {
        let mut load = HashMap::new();
        for placement in self.lock().values() {
            *load.entry(placement.cluster.clone()).or_default() += 1;
        }
        load
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Placement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Passwords of {} apps", self.lock().len())
    }
}
