//! A region driver that takes notes instead of starting anything.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use control_plane::regions::{
    DesiredApp, DesiredState, ObservedApp, ObservedState, RegionDriver, RegionError,
};
use ids::AppId;

/// Says at once that every app is as desired, and keeps what it was asked for.
#[derive(Default)]
pub struct NotingDriver {
    seen: Mutex<Vec<DesiredApp>>,
    purged: Mutex<Vec<AppId>>,
    broken: AtomicBool,
}

impl NotingDriver {
    /// Makes the region unready, or ready again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// The last thing asked for an app.
    pub fn last(&self, app: &str) -> Option<DesiredApp> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .rev()
            .find(|seen| seen.id.as_str() == app)
            .cloned()
    }

    /// Whether the data of an app was dropped.
    pub fn has_purged(&self, app: &str) -> bool {
        self.purged.lock().unwrap().iter().any(|id| id.as_str() == app)
    }
}

#[async_trait]
impl RegionDriver for NotingDriver {
    async fn ready(&self) -> Result<(), RegionError> {
        match self.broken.load(Ordering::SeqCst) {
            true => Err(RegionError::NotReady("MongoDB is away.".to_owned())),
            false => Ok(()),
        }
    }

    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        self.seen.lock().unwrap().push(desired.clone());
        let (state, url) = match desired.state {
            DesiredState::Running => (
                ObservedState::Ready,
                Some("http://localhost:20000/parse".to_owned()),
            ),
            _ => (ObservedState::Stopped, None),
        };
        Ok(ObservedApp {
            id: desired.id,
            generation: desired.generation,
            state,
            url,
            message: None,
        })
    }

    async fn purge(&self, desired: &DesiredApp) -> Result<(), RegionError> {
        self.purged.lock().unwrap().push(desired.id);
        Ok(())
    }

    async fn shutdown(&self) {}
}
