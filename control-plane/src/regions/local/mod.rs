//! The region driver for one machine: one `slipway-runtime` process per app, below `apps/` of the data
//! folder.
//!
//! `workers` calls it through [`RegionDriver`]. Promises: runtimes outlive the control plane and are
//! adopted when it returns; each has its own MongoDB user, folder and port; a runtime that dies comes
//! back, later after each failure; every step may be repeated, and a crash between two steps is harmless.

mod app_folder;
mod database;
pub mod files;
mod health;
pub mod log_cause;
mod ports;
pub mod process;
mod runtime;
mod runtime_settings;
mod slot;
mod steps;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ids::AppId;
use secrecy::SecretString;
use tokio::sync::Notify;

use super::{DesiredApp, DesiredState, ObservedApp, ObservedState, Purge, RegionDriver, RegionError};
use crate::config::Config;
use app_folder::AppFolder;
use runtime::Runtime;
use slot::Slot;

/// What the driver needs to know about its machine.
#[derive(Clone, Debug)]
pub struct LocalSettings {
    /// The data folder; the apps live in `apps/` below it.
    pub data_dir: PathBuf,
    /// Connection string of the administrator of the region's MongoDB.
    pub mongodb_uri: SecretString,
    /// The program `slipway-runtime`.
    pub runtime: PathBuf,
    /// Ports handed to apps.
    pub port_range: RangeInclusive<u16>,
    /// Where runtimes report usage.
    pub usage_report_url: String,
    /// OTLP collector that runtimes send their traces to, as the control plane does.
    pub otlp_endpoint: Option<String>,
}

impl LocalSettings {
    /// From the sections `local`, `server` and `telemetry`; `runtime` is the program, already found.
    pub fn from_config(config: &Config, runtime: PathBuf) -> Self {
        Self {
            data_dir: config.local.data_dir.clone(),
            mongodb_uri: config.local.mongodb_uri.clone(),
            runtime,
            port_range: config.local.port_range.0.clone(),
            usage_report_url: format!("http://127.0.0.1:{}/internal/v1/usage", config.server.port),
            otlp_endpoint: config.telemetry.otlp_endpoint.clone(),
        }
    }
}

/// One region on this machine.
pub struct LocalDriver {
    settings: LocalSettings,
    apps: PathBuf,
    mongodb: mongodb::Client,
    http: reqwest::Client,
    changed: Arc<Notify>,
    slots: Mutex<HashMap<AppId, Arc<tokio::sync::Mutex<Slot>>>>,
}

impl LocalDriver {
    /// Prepares the folder. Neither MongoDB nor the runtime program has to be there yet.
    pub async fn new(settings: LocalSettings) -> Result<Self, RegionError> {
        let data = std::path::absolute(&settings.data_dir).map_err(RegionError::io("the data folder"))?;
        let apps = data.join("apps");
        files::create_private_folder(&apps)
            .map_err(RegionError::io(format!("creating {}", apps.display())))?;
        let http = health::client().map_err(|error| RegionError::NotReady(error.to_string()))?;
        Ok(Self {
            mongodb: database::connect(&settings.mongodb_uri).await?,
            settings,
            apps,
            http,
            changed: Arc::new(Notify::new()),
            slots: Mutex::default(),
        })
    }

    fn folder(&self, id: &AppId) -> AppFolder {
        AppFolder::new(&self.apps, id)
    }

    /// One app is worked on by one task at a time.
    fn slot(&self, id: &AppId) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(*id).or_default().clone()
    }
}

#[async_trait]
impl RegionDriver for LocalDriver {
    async fn ready(&self) -> Result<(), RegionError> {
        if !self.settings.runtime.is_file() {
            let path = self.settings.runtime.display();
            return Err(RegionError::NotReady(format!(
                "The program slipway-runtime is not at {path}: build it, or set local.runtime."
            )));
        }
        database::ready(&self.mongodb).await
    }

    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        let slot = self.slot(&desired.id);
        let mut slot = slot.lock().await;
        match desired.state {
            DesiredState::Running => self.run(desired, &mut slot).await,
            DesiredState::Deleted | DesiredState::Purge => {
                self.stop(&desired.id, &mut slot).await?;
                Ok(slot::observed(desired, ObservedState::Stopped, false, None, None))
            }
        }
    }

    async fn serves(&self, desired: &DesiredApp) -> Option<bool> {
        let slot = self.slot(&desired.id);
        let slot = slot.lock().await;
        Some(slot.runtime.as_ref().is_some_and(Runtime::answers))
    }

    async fn purge(&self, desired: &DesiredApp) -> Result<Purge, RegionError> {
        let slot = self.slot(&desired.id);
        let mut slot = slot.lock().await;
        self.stop(&desired.id, &mut slot).await?;
        database::drop_all(&self.mongodb, desired).await?;
        let folder = self.folder(&desired.id);
        folder
            .remove()
            .map_err(RegionError::io("removing the app's folder"))?;
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&desired.id);
        Ok(Purge::Done)
    }

    /// A port leads to one process.
    fn most_replicas(&self) -> i32 {
        1
    }

    async fn changed(&self) {
        self.changed.notified().await;
    }

    async fn shutdown(&self) -> bool {
        let folders = AppFolder::all(&self.apps);
        let ids = folders
            .iter()
            .filter_map(|folder| folder.path().file_name()?.to_str()?.parse().ok());
        let stops = ids.map(|id: AppId| async move {
            let slot = self.slot(&id);
            let mut slot = slot.lock().await;
            if let Err(error) = self.stop(&id, &mut slot).await {
                tracing::error!(app.id = %id, %error, "runtime could not be stopped");
            }
        });
        futures_util::future::join_all(stops).await;
        true
    }
}
