//! Regions: where apps run. Keeps the words in which the control plane says what should be
//! ([`DesiredApp`]) and a region says what is ([`ObservedApp`]), and the [`RegionDriver`] between them.
//!
//! The store builds desired apps, `workers` hands them to a driver until the observed generation
//! catches up. A driver never decides *what* should run; every call is idempotent and may be repeated
//! after a crash at any point.

pub mod backoff;
pub mod kubernetes;
pub mod local;
mod owner_settings;
mod region;
pub mod runtime_settings;
mod sizing;
mod suspension;

use async_trait::async_trait;
use ids::AppId;
use secrecy::SecretString;

pub use owner_settings::OwnerSettings;
pub use region::{Region, UnknownRegion};
pub use sizing::{Engine, HIGH_AVAILABILITY_REPLICAS, Sizing};
pub use suspension::SuspensionReason;

/// What the owner wants of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesiredState {
    /// Serving.
    Running,
    /// Stopped, its data kept: the undo window is open.
    Deleted,
    /// The undo window is over: stopped, and its data dropped.
    Purge,
}

/// The keys clients present to an app's runtime.
#[derive(Clone, Debug)]
pub struct AppKeys {
    pub client: SecretString,
    pub javascript: SecretString,
    pub rest: SecretString,
    pub master: SecretString,
}

/// One app as it should be, secrets unsealed. Lives in memory only; `Debug` hides the secrets.
#[derive(Clone, Debug)]
pub struct DesiredApp {
    pub id: AppId,
    pub region: Region,
    /// The public Parse application id; never changes.
    pub application_id: String,
    pub name: String,
    /// Grows with every change a driver has to apply.
    pub generation: i64,
    /// The last generation a driver reported.
    pub observed_generation: i64,
    pub state: DesiredState,
    pub keys: AppKeys,
    /// Password of the app's own MongoDB user.
    pub database_password: SecretString,
    /// Bearer token with which the runtime reports usage.
    pub usage_token: SecretString,
    /// `building` or `live`.
    pub stage: String,
    /// What the owner set, in Parse Server's option names.
    pub settings: OwnerSettings,
    pub sizing: Sizing,
    /// Set while it must not serve although it exists; data and secrets stay.
    pub suspended: Option<SuspensionReason>,
}

/// What a driver saw after it moved an app one step on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedState {
    /// On its way up for the first time, or with new settings.
    Provisioning,
    /// Answering requests.
    Ready,
    /// Was up, went away, is being brought back.
    Restarting,
    /// Does not come up; the message says why. Still being retried.
    Failing,
    /// Stopped on request (deleted or suspended), data kept.
    Stopped,
    /// Its data is gone.
    Purged,
}

/// One app as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedApp {
    pub id: AppId,
    /// The generation of the [`DesiredApp`] this answers.
    pub generation: i64,
    pub state: ObservedState,
    /// Whether it answers requests, be it by older settings. `None` while that is not known: what was last seen stands.
    pub serves: Option<bool>,
    /// Where SDKs reach it; ends in `/parse`. `None` until known.
    pub url: Option<String>,
    /// A sentence for the owner when something is wrong.
    pub message: Option<String>,
}

/// How far a purge has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// Nothing of the app is left.
    Done,
    /// The region is at it; ask again.
    UnderWay,
}

/// Why a driver could not do its step. The reconciler retries all of them, later each time.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// The region's MongoDB is away or refused a command.
    #[error("MongoDB of this region: {0}")]
    Database(#[from] mongodb::error::Error),
    /// A file or a process of the app could not be handled.
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    /// The region lacks something every app needs; the sentence says what and how to get it.
    #[error("{0}")]
    NotReady(String),
    /// The region itself does not answer. Nothing is known to have changed there: what ran goes on running, and
    /// apps keep the state they were last seen in. The sentence is for the log.
    #[error("{0}")]
    Unreachable(String),
    /// The region was brought to this generation of the app already, which is later than the desired one: what is
    /// desired was read a moment too early, or the database was restored from a backup. Nothing was changed.
    #[error("Its region has this app as of the later change {0}.")]
    Ahead(i64),
    /// What is desired may not be applied there: it breaks a rule, or belongs to another region. The sentence is for
    /// the owner.
    #[error("{0}")]
    Refused(String),
}

impl RegionError {
    /// Names the file or the act an I/O error happened on; for `map_err`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// Turns desired apps of one region into running ones.
#[async_trait]
pub trait RegionDriver: Send + Sync {
    /// Whether an app could be created right now; `/readyz` shows the error.
    async fn ready(&self) -> Result<(), RegionError>;

    /// Moves one app one step towards what is desired and says where it stands. Returns soon;
    /// the caller comes back until it is settled.
    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError>;

    /// Whether the app answers requests as far as the region has heard, for when a step has failed.
    async fn serves(&self, _desired: &DesiredApp) -> Option<bool> {
        None
    }

    /// Stops the app and drops its database, its user and its files. Safe to repeat, and repeated until it is done.
    async fn purge(&self, desired: &DesiredApp) -> Result<Purge, RegionError>;

    /// The most replicas of one app that the region can run.
    fn most_replicas(&self) -> i32 {
        20
    }

    /// Resolves when the region changed by itself (a runtime exited) and a look is due.
    async fn changed(&self) {
        std::future::pending().await
    }

    /// Stops every runtime of the region and waits for them; `false` when they go on elsewhere. Only `slipway dev` at
    /// Ctrl-C calls it; a control plane that goes away otherwise leaves the apps serving.
    async fn shutdown(&self) -> bool;
}
