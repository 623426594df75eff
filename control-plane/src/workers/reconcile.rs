//! Makes one region match what the database asks for.
//!
//! Looks when woken, when the region changed by itself, and every second. Apps are worked on side by
//! side, a bounded number at a time; one that fails waits longer each time and holds nobody up. The
//! database is written only when an observation differs from the last one written.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ids::AppId;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::memory::Memory;
use super::{Context, availability, purge};
use crate::regions::{
    DesiredApp, DesiredState, ObservedApp, ObservedState, Region, RegionDriver, RegionError,
};
use crate::store::{self, desired::UnreadableApp};

/// The regular look, in case a wake-up was missed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Steps under way at the same time.
const STEPS_AT_ONCE: usize = 16;

/// What came of one step; `None` when something else is desired by now.
type Outcome = (DesiredApp, Result<Option<ObservedApp>, Failure>);

/// Why a step did not work, and whether the app is known to serve all the same.
type Failure = (RegionError, Option<bool>);

/// The reconciler of one region.
pub struct Reconciler {
    context: Context,
    region: Region,
    driver: Arc<dyn RegionDriver>,
    desired: HashMap<AppId, DesiredApp>,
    memories: HashMap<AppId, Memory>,
    steps: JoinSet<Outcome>,
    permits: Arc<Semaphore>,
}

impl Reconciler {
    pub fn new(context: Context, region: Region, driver: Arc<dyn RegionDriver>) -> Self {
        Self {
            context,
            region,
            driver,
            desired: HashMap::new(),
            memories: HashMap::new(),
            steps: JoinSet::new(),
            permits: Arc::new(Semaphore::new(STEPS_AT_ONCE)),
        }
    }

    /// Works until `shutdown`, then waits for the steps under way.
    pub async fn run(mut self, mut wake: watch::Receiver<()>, shutdown: CancellationToken) {
        let driver = self.driver.clone();
        let mut look_at = Instant::now();
        loop {
            if Instant::now() >= look_at {
                self.look().await;
                look_at = Instant::now() + LOOK_EVERY;
            }
            self.start_due_steps();
            let next = self
                .memories
                .values()
                .filter_map(Memory::due)
                .fold(look_at, Instant::min);
            tokio::select! {
                () = shutdown.cancelled() => break,
                Ok(()) = wake.changed() => look_at = Instant::now(),
                () = driver.changed() => look_at = Instant::now(),
                Some(done) = self.steps.join_next() => self.finish(done).await,
                () = tokio::time::sleep_until(next) => {}
            }
        }
        while let Some(done) = self.steps.join_next().await {
            self.finish(done).await;
        }
    }

    /// Reads what is desired. Without an answer the last one stands.
    async fn look(&mut self) {
        let now = self.context.clock.now();
        let listed =
            store::desired::list_for_region(&self.context.pool, &self.context.sealer, self.region, now);
        match listed.await {
            Ok(found) => {
                self.take_in(&found.unreadable, found.apps);
                for app in &found.unreadable {
                    self.leave_alone(app).await;
                }
            }
            Err(error) => tracing::warn!(region = %self.region, %error, "desired apps could not be read"),
        }
    }

    fn take_in(&mut self, unreadable: &[UnreadableApp], apps: Vec<DesiredApp>) {
        self.desired = apps.into_iter().map(|app| (app.id, app)).collect();
        let desired = &self.desired;
        self.memories.retain(|id, memory| {
            memory.busy || desired.contains_key(id) || unreadable.iter().any(|app| app.id == *id)
        });
        for app in self.desired.values() {
            self.memories.entry(app.id).or_default().desire(app);
        }
    }

    /// Says once of an app that it cannot be worked on. What runs of it goes on running.
    async fn leave_alone(&mut self, app: &UnreadableApp) {
        let observed = app.observed();
        let memory = self.memories.entry(app.id).or_default();
        if memory.busy || memory.recorded.as_ref() == Some(&observed) {
            return;
        }
        tracing::error!(app.id = %app.id, region = %self.region, error = %app.cause, "secrets do not open, app is left alone");
        self.record(observed).await;
    }

    fn start_due_steps(&mut self) {
        let now = Instant::now();
        for app in self.desired.values() {
            let memory = self.memories.entry(app.id).or_default();
            if memory.is_due(now) {
                memory.busy = true;
                let (driver, permits) = (self.driver.clone(), self.permits.clone());
                self.steps
                    .spawn(step(self.context.clone(), driver, permits, app.clone()));
            }
        }
    }

    async fn finish(&mut self, done: Result<Outcome, tokio::task::JoinError>) {
        // Steps neither panic nor are they cancelled.
        let Ok((app, result)) = done else { return };
        let memory = self.memories.entry(app.id).or_default();
        memory.busy = false;
        let now = Instant::now();
        let news = match result {
            Ok(Some(observed)) => {
                memory.succeeded(observed.state, now);
                Some(observed)
            }
            Ok(None) => {
                memory.overtaken();
                None
            }
            Err((RegionError::Unreachable(cause), _)) => {
                if memory.region_is_away() {
                    tracing::debug!(app.id = %app.id, region = %self.region, cause, "region is away, app waits");
                    self.tell_away(app.id).await;
                }
                return;
            }
            Err((RegionError::Ahead(generation), _)) => {
                memory.overtaken();
                self.catch_up(app.id, generation).await;
                return;
            }
            Err((error, serves)) => {
                tracing::warn!(app.id = %app.id, region = %self.region, %error, "app could not be reconciled");
                memory.failed(&app, &error, serves, now)
            }
        };
        if let Some(observed) = news.filter(|observed| memory.recorded.as_ref() != Some(observed)) {
            self.record(observed).await;
        }
    }

    /// The app keeps the state it was last seen in; its owner learns that changes wait.
    async fn tell_away(&self, id: AppId) {
        let sentence = availability::sentence(self.region);
        let told = store::desired::record_unreachable(&self.context.pool, id, &sentence).await;
        if let Err(error) = told {
            tracing::warn!(app.id = %id, %error, "observation could not be written");
        }
    }

    /// Where the database still says less than its region, it is an older one, restored from a backup: this process
    /// has the turn, so nobody else is ahead. What it says now is desired.
    async fn catch_up(&self, id: AppId, region_has: i64) {
        let region = self.region;
        match store::desired::raise_generation(&self.context.pool, id, region_has).await {
            Ok(true) => tracing::warn!(
                app.id = %id, %region, region_has,
                "the database is older than the region: generation raised, app is applied as the database has it"
            ),
            Ok(false) => {}
            Err(error) => tracing::warn!(app.id = %id, %region, %error, "generation could not be raised"),
        }
    }

    async fn record(&mut self, observed: ObservedApp) {
        let written = if observed.state == ObservedState::Purged {
            store::desired::mark_purged(&self.context.pool, observed.id, self.context.clock.now()).await
        } else {
            store::desired::record_observed(&self.context.pool, &observed).await
        };
        match written {
            Ok(_) => {
                tracing::info!(app.id = %observed.id, state = ?observed.state, "app observed");
                let memory = self.memories.entry(observed.id).or_default();
                memory.recorded = Some(observed);
            }
            Err(error) => tracing::warn!(app.id = %observed.id, %error, "observation could not be written"),
        }
    }
}

/// A driver that panics fails for this app and this time only.
async fn step(
    context: Context,
    driver: Arc<dyn RegionDriver>,
    permits: Arc<Semaphore>,
    app: DesiredApp,
) -> Outcome {
    let _permit = permits.acquire().await;
    let work = async {
        let done = match app.state {
            DesiredState::Purge => purge::app(&context, driver.as_ref(), &app).await,
            DesiredState::Running | DesiredState::Deleted => driver.reconcile(&app).await.map(Some),
        };
        match done {
            Ok(seen) => Ok(seen),
            Err(error) => Err((error, driver.serves(&app).await)),
        }
    };
    let result = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        let error = RegionError::NotReady("An internal error, which the log describes.".to_owned());
        Err((error, None))
    });
    (app, result)
}
