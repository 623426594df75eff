//! All classes of the app, held in memory.
//!
//! Reads are lock-free. The cache is reloaded when a request meets a class or field it does not know, and whenever the
//! change stream of `_SCHEMA` says that another process has changed a class.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::objects::schema::defaults;
use crate::objects::schema::model::ClassSchema;
use crate::storage::{Storage, StorageResult};

type Classes = HashMap<String, Arc<ClassSchema>>;

/// How long the watcher waits before it follows the change stream again after losing it.
const WATCH_RETRY: Duration = Duration::from_secs(1);

/// See the module.
pub struct SchemaCache {
    shared: Arc<Shared>,
    watcher: JoinHandle<()>,
}

struct Shared {
    storage: Storage,
    classes: ArcSwap<Classes>,
    reloading: Mutex<()>,
}

impl SchemaCache {
    /// Loads all classes and starts following changes.
    pub async fn load(storage: Storage) -> StorageResult<Self> {
        let shared = Arc::new(Shared {
            storage,
            classes: ArcSwap::default(),
            reloading: Mutex::new(()),
        });
        shared.reload().await?;
        let watcher = tokio::spawn(watch(Arc::clone(&shared)));
        Ok(Self { shared, watcher })
    }

    /// The class as last loaded.
    pub fn get(&self, class: &str) -> Option<Arc<ClassSchema>> {
        self.shared.classes.load().get(class).cloned()
    }

    /// All classes that have a row in the database, by name.
    pub fn all(&self) -> Vec<Arc<ClassSchema>> {
        let classes = self.shared.classes.load();
        let listed = classes
            .values()
            .filter(|class| !defaults::VOLATILE.contains(&class.name.as_str()));
        let mut all: Vec<_> = listed.cloned().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The class, looked for in the database if it is not known yet.
    pub async fn find(&self, class: &str) -> StorageResult<Option<Arc<ClassSchema>>> {
        if let Some(found) = self.get(class) {
            return Ok(Some(found));
        }
        self.reload().await?;
        Ok(self.get(class))
    }

    /// Reads all classes again.
    pub async fn reload(&self) -> StorageResult<()> {
        self.shared.reload().await
    }
}

impl Drop for SchemaCache {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl Shared {
    /// One at a time, so that an older reading never replaces a newer one.
    async fn reload(&self) -> StorageResult<()> {
        let _turn = self.reloading.lock().await;
        let classes = self.storage.load_classes().await?;
        let volatile = defaults::VOLATILE.iter().map(|name| ClassSchema::new(name));
        self.classes.store(Arc::new(
            volatile
                .chain(classes)
                .map(|class| (class.name.clone(), Arc::new(class)))
                .collect(),
        ));
        Ok(())
    }
}

async fn watch(shared: Arc<Shared>) {
    loop {
        if let Err(error) = follow(&shared).await {
            tracing::debug!(error = %error, "lost the change stream of _SCHEMA, following it again");
        }
        tokio::time::sleep(WATCH_RETRY).await;
    }
}

async fn follow(shared: &Shared) -> StorageResult<()> {
    let mut changes = shared.storage.schema_changes().await?;
    shared.reload().await?;
    while changes.next().await? {
        shared.reload().await?;
    }
    Ok(())
}
