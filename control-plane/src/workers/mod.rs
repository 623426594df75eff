//! Background work of the control plane. Each worker looks at the present state and moves it one step
//! on, so a crash, a missed wake-up or a second run changes nothing.
//!
//! `startup` spawns them all with [`spawn`]; routes hold a [`Wake`] to have a change applied at once.

mod availability;
mod housekeeping;
mod memory;
mod purge;
mod reconcile;
mod turn;

use std::collections::BTreeMap;
use std::sync::Arc;

use ids::Clock;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use availability::{Availability, off as region_is_off, sentence as region_is_away};

use crate::crypto::Sealer;
use crate::regions::{Region, RegionDriver};

/// The driver of each region this control plane serves.
pub type Drivers = BTreeMap<Region, Arc<dyn RegionDriver>>;

/// Tells this process's reconcilers that desired state changed; one of another process finds it at its regular look.
/// Cheap to clone; a wake-up is never lost, and many become one.
#[derive(Clone, Debug)]
pub struct Wake(watch::Sender<()>);

impl Wake {
    /// Has every region looked at now.
    pub fn now(&self) {
        self.0.send_replace(());
    }
}

impl Default for Wake {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

/// The running workers.
#[derive(Debug)]
pub struct WorkerHandle {
    wake: Wake,
    availability: Availability,
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl WorkerHandle {
    pub fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Which regions are away.
    pub fn availability(&self) -> Availability {
        self.availability.clone()
    }

    /// Ends the workers and waits for the steps under way. Runtimes keep serving.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What every worker works with.
#[derive(Clone)]
struct Context {
    pool: PgPool,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
}

/// Starts one reconciler and one watchman per region, and the housekeeping. A reconciler waits for its turn: of all
/// processes on one database, one works on a region.
pub fn spawn(
    pool: PgPool,
    sealer: Sealer,
    drivers: Drivers,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> WorkerHandle {
    let context = Context { pool, sealer, clock };
    let (wake, availability) = (Wake::default(), Availability::default());
    let shutdown = shutdown.child_token();
    let mut tasks = JoinSet::new();
    for (region, driver) in drivers {
        tasks.spawn(availability::run(
            region,
            driver.clone(),
            availability.clone(),
            shutdown.clone(),
        ));
        let woken = wake.0.subscribe();
        tasks.spawn(turn::run(
            context.clone(),
            region,
            driver,
            woken,
            shutdown.clone(),
        ));
    }
    tasks.spawn(housekeeping::run(context, shutdown.clone()));
    WorkerHandle {
        wake,
        availability,
        shutdown,
        tasks,
    }
}
