//! Remembers which regions are away, so that nobody who asks has to wait for one that is.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::regions::{Region, RegionDriver};

/// A region is asked this often.
const EVERY: Duration = Duration::from_secs(2);
/// A region that takes longer to answer is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// The regions that are away, with what is the matter. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Availability(Arc<RwLock<BTreeMap<Region, String>>>);

impl Availability {
    /// What is the matter with a region, for the people who run the platform; `None` while it is there.
    pub fn trouble(&self, region: Region) -> Option<String> {
        let away = self.0.read().unwrap_or_else(PoisonError::into_inner);
        away.get(&region).cloned()
    }

    fn note(&self, region: Region, trouble: Option<String>) {
        let mut away = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) => away.insert(region, trouble),
            None => away.remove(&region),
        };
    }
}

/// What the owner of an app in a region that is away is told.
pub fn sentence(region: Region) -> String {
    format!(
        "The region {} cannot be reached at the moment. What runs there goes on running; new apps and changes wait until \
         it is back.",
        region.name()
    )
}

/// What the owner of an app in a region without a driver is told.
pub fn off(region: Region) -> String {
    format!(
        "The region {} is switched off on this platform, so nothing about its apps is known or changed. What you change is \
         kept, and carried out when the region is switched on again.",
        region.name()
    )
}

/// Asks one region until `shutdown`.
pub async fn run(
    region: Region,
    driver: Arc<dyn RegionDriver>,
    availability: Availability,
    shutdown: CancellationToken,
) {
    loop {
        let trouble = match tokio::time::timeout(PATIENCE, driver.ready()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it does not answer".to_owned()),
        };
        availability.note(region, trouble);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
