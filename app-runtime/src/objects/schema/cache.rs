//! All classes of the app, held in memory.
//!
//! Reads are lock-free. The cache is reloaded when a request meets a class or field it does not know, and whenever the
//! change stream says that another process has changed a class ([`crate::watch`]).

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use crate::objects::schema::defaults;
use crate::objects::schema::model::ClassSchema;
use crate::storage::{Storage, StorageResult};

type Classes = HashMap<String, Arc<ClassSchema>>;

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct SchemaCache {
    shared: Arc<Shared>,
}

struct Shared {
    storage: Storage,
    classes: ArcSwap<Classes>,
    reloading: Mutex<()>,
}

impl SchemaCache {
    /// Loads all classes.
    pub async fn load(storage: Storage) -> StorageResult<Self> {
        let shared = Arc::new(Shared {
            storage,
            classes: ArcSwap::default(),
            reloading: Mutex::new(()),
        });
        shared.reload().await?;
        Ok(Self { shared })
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
