//! The settings documents that the control plane wrote, one for each App.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app_crd::names::SETTINGS_KEY;
use k8s_openapi::api::core::v1::Secret;

/// Documents by App, whose name the Secret has.
#[derive(Default)]
pub struct Sources(Mutex<HashMap<String, Arc<[u8]>>>);

impl Sources {
    /// Takes in a Secret of the control namespace. Returns the App of the same name if its document has changed.
    pub fn seen(&self, secret: &Secret) -> Option<String> {
        let name = secret.metadata.name.clone()?;
        let document = secret.data.as_ref().and_then(|data| data.get(SETTINGS_KEY));
        let Some(document) = document else {
            return self.forget(&name).then_some(name);
        };
        let document: Arc<[u8]> = document.0.as_slice().into();
        let before = self.lock().insert(name.clone(), document.clone());
        (before != Some(document)).then_some(name)
    }

    /// Takes in that the Secret has gone. Returns whether there was a document.
    pub fn forget(&self, name: &str) -> bool {
        self.lock().remove(name).is_some()
    }

    /// After the watch began anew: whatever it did not see has gone. Returns the Apps.
    pub fn only(&self, seen: &HashSet<String>) -> Vec<String> {
        self.lock()
            .extract_if(|name, _| !seen.contains(name))
            .map(|(name, _)| name)
            .collect()
    }

    pub fn of(&self, app: &str) -> Option<Arc<[u8]>> {
        self.lock().get(app).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sources of {} apps", self.lock().len())
    }
}
