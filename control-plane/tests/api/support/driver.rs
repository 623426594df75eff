//! A region driver that takes notes instead of starting anything.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicI32, Ordering},
};

use async_trait::async_trait;
use control_plane::regions::{
    DesiredApp, DesiredState, ObservedApp, ObservedState, Purge, RegionDriver, RegionError,
};
use ids::AppId;

/// Says at once that every app is as desired, and keeps what it was asked for.
#[derive(Default)]
pub struct NotingDriver {
    seen: Mutex<Vec<DesiredApp>>,
    purged: Mutex<Vec<AppId>>,
    broken: AtomicBool,
    away: AtomicBool,
    rolling: Mutex<Option<bool>>,
    most_replicas: AtomicI32,
}

impl NotingDriver {
    /// Makes the region unready, or ready again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Cuts the region off, or lets it return.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Has every app be on its way, serving or not, or else be as desired.
    pub fn set_rolling(&self, serving: Option<bool>) {
        *self.rolling.lock().unwrap() = serving;
    }

    /// Makes it a region of one machine (1), or again one of many (0).
    pub fn set_most_replicas(&self, most: i32) {
        self.most_replicas.store(most, Ordering::SeqCst);
    }

    fn there(&self) -> Result<(), RegionError> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(RegionError::Unreachable("No route to its cluster.".to_owned())),
            false => Ok(()),
        }
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
        self.there()?;
        match self.broken.load(Ordering::SeqCst) {
            true => Err(RegionError::NotReady("MongoDB is away.".to_owned())),
            false => Ok(()),
        }
    }

    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        self.there()?;
        self.seen.lock().unwrap().push(desired.clone());
        let rolling = *self.rolling.lock().unwrap();
        let (state, url) = match desired.state {
            _ if rolling.is_some() => (ObservedState::Restarting, None),
            DesiredState::Running if desired.suspended.is_none() => (
                ObservedState::Ready,
                Some("http://localhost:20000/parse".to_owned()),
            ),
            _ => (ObservedState::Stopped, None),
        };
        let serves = rolling.unwrap_or(state == ObservedState::Ready);
        Ok(ObservedApp {
            id: desired.id,
            generation: desired.generation,
            state,
            serves: Some(serves),
            url,
            message: None,
        })
    }

    async fn purge(&self, desired: &DesiredApp) -> Result<Purge, RegionError> {
        self.there()?;
        self.purged.lock().unwrap().push(desired.id);
        Ok(Purge::Done)
    }

    fn most_replicas(&self) -> i32 {
        match self.most_replicas.load(Ordering::SeqCst) {
            0 => 20,
            most => most,
        }
    }

    async fn shutdown(&self) -> bool {
        true
    }
}
