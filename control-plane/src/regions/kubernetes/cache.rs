//! The `App`s of the region as the watch last saw them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app_crd::App;
use kube::ResourceExt;
use tokio::sync::Notify;

type Apps = HashMap<String, Arc<App>>;

/// Written by the watch and by whoever applied an app; read by the reconciler.
#[derive(Default)]
pub struct Cache {
    apps: Mutex<Apps>,
    changed: Notify,
}

impl Cache {
    /// The app of this resource name.
    pub fn get(&self, name: &str) -> Option<Arc<App>> {
        self.apps().get(name).cloned()
    }

    /// Takes in one app. News that is older than what is known already is none.
    pub fn put(&self, app: App) -> Arc<App> {
        let (name, mut apps) = (app.name_any(), self.apps());
        if let Some(known) = apps.get(&name)
            && known.uid() == app.uid()
            && known.metadata.generation > app.metadata.generation
        {
            return known.clone();
        }
        let app = Arc::new(trimmed(app));
        apps.insert(name, app.clone());
        drop(apps);
        self.notify();
        app
    }

    /// Forgets an app that is gone.
    pub fn remove(&self, name: &str) {
        self.apps().remove(name);
        self.notify();
    }

    /// Takes in a complete list.
    pub fn replace(&self, all: Vec<App>) {
        let all = all
            .into_iter()
            .map(|app| (app.name_any(), Arc::new(trimmed(app))));
        *self.apps() = all.collect();
        self.notify();
    }

    /// Something is worth a look.
    pub fn notify(&self) {
        self.changed.notify_one();
    }

    /// Resolves when something changed since the last time it resolved.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn apps(&self) -> MutexGuard<'_, Apps> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who wrote which field is half of an object's size, and nobody here asks.
fn trimmed(mut app: App) -> App {
    app.metadata.managed_fields = None;
    app
}
