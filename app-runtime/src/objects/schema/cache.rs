//! All classes of the app, held in memory.
//!
//! Reads are lock-free. The cache is reloaded when a request meets a class or field it does not know, and whenever the
//! change stream says that another process has changed a class ([`crate::watch`]). Should that have fallen silent, a class
//! is read again before a request when it has been in memory for [`Pulse::LASTS`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::objects::schema::defaults;
use crate::objects::schema::model::ClassSchema;
use crate::pulse::Pulse;
use crate::storage::{Storage, StorageError, StorageResult};
use crate::turns::Turns;

/// How long reading the classes may take. Longer means that the database is not there, without a word.
const LONGEST: Duration = Duration::from_secs(10);

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct SchemaCache {
    shared: Arc<Shared>,
}

struct Shared {
    storage: Storage,
    pulse: Arc<Pulse>,
    loaded: ArcSwap<Loaded>,
    /// Also sees to it that an older reading never replaces a newer one.
    reloading: Turns<StorageResult<()>>,
}

struct Loaded {
    classes: HashMap<String, Arc<ClassSchema>>,
    /// The reading began.
    at: Instant,
}

impl SchemaCache {
    /// Loads all classes. `pulse` says whether what happens to them afterwards is heard of.
    pub async fn load(storage: Storage, pulse: Arc<Pulse>) -> StorageResult<Self> {
        let nothing = Loaded {
            classes: HashMap::new(),
            at: Instant::now(),
        };
        let shared = Arc::new(Shared {
            storage,
            pulse,
            loaded: ArcSwap::from_pointee(nothing),
            reloading: Turns::default(),
        });
        let cache = Self { shared };
        cache.reload().await?;
        Ok(cache)
    }

    /// The class as last loaded.
    pub fn get(&self, class: &str) -> Option<Arc<ClassSchema>> {
        self.shared.loaded.load().classes.get(class).cloned()
    }

    /// All classes that have a row in the database, by name.
    pub fn all(&self) -> Vec<Arc<ClassSchema>> {
        let loaded = self.shared.loaded.load();
        let listed = loaded
            .classes
            .values()
            .filter(|class| !defaults::VOLATILE.contains(&class.name.as_str()));
        let mut all: Vec<_> = listed.cloned().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// The class, looked for in the database if it is not known yet, or from too long ago.
    pub async fn find(&self, class: &str) -> StorageResult<Option<Arc<ClassSchema>>> {
        if let Some(found) = self.get(class).filter(|_| self.shared.is_true()) {
            return Ok(Some(found));
        }
        self.reload().await?;
        Ok(self.get(class))
    }

    /// Reads all classes again, in a reading that begins from now on.
    pub async fn reload(&self) -> StorageResult<()> {
        self.shared.reloading.take(self.shared.reload()).await
    }
}

impl Shared {
    fn is_true(&self) -> bool {
        self.pulse.is_alive() || self.loaded.load().at.elapsed() < Pulse::LASTS
    }

    async fn reload(&self) -> StorageResult<()> {
        let at = Instant::now();
        let reading = tokio::time::timeout(LONGEST, self.storage.load_classes());
        let classes = reading.await.map_err(|_| StorageError::Silent)??;
        let volatile = defaults::VOLATILE.iter().map(|name| ClassSchema::new(name));
        let classes = volatile
            .chain(classes)
            .map(|class| (class.name.clone(), Arc::new(class)))
            .collect();
        self.loaded.store(Arc::new(Loaded { classes, at }));
        Ok(())
    }
}
