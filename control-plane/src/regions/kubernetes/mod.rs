//! The region driver for a Kubernetes cluster: one `App` resource and one Secret per app in the control namespace of the
//! region's cluster, which the operator there turns into a running tenant.
//!
//! `workers` calls it through [`RegionDriver`]. Promises: an app is only ever applied to the cluster of its own region;
//! a spec that breaks a rule never reaches the API server; at rest it asks the server for nothing but a sign of life; a
//! cluster that is away answers [`RegionError::Unreachable`] at once and wakes the reconciler when it is back; an older
//! generation never replaces a newer one, which is answered by [`RegionError::Ahead`].

mod apply;
mod cache;
mod link;
mod observe;
mod purge;
mod resource;
mod secret;
mod settings;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app_crd::App;
use async_trait::async_trait;
use ids::AppId;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use tokio::task::AbortHandle;

use super::{DesiredApp, ObservedApp, Purge, RegionDriver, RegionError};
use apply::Applied;
use cache::Cache;
use link::Link;
pub use resource::{BrokenRule, broken_rules};
pub use settings::KubernetesSettings;

/// Who writes the fields that the control plane owns.
const FIELD_MANAGER: &str = "slipway-control-plane";

/// One region's cluster.
pub struct KubernetesDriver {
    settings: KubernetesSettings,
    apps: Api<App>,
    secrets: Api<Secret>,
    cache: Arc<Cache>,
    link: Link,
    applied: Mutex<HashMap<AppId, Applied>>,
    background: AbortHandle,
}

impl KubernetesDriver {
    /// Reads the kubeconfig, and starts to watch. The cluster need not answer yet.
    pub async fn new(settings: KubernetesSettings) -> Result<Self, RegionError> {
        let client = settings.client().await?;
        let cache = Arc::new(Cache::default());
        let (link, background) = watch::spawn(client.clone(), &settings, cache.clone());
        Ok(Self {
            apps: Api::namespaced(client.clone(), &settings.namespace),
            secrets: Api::namespaced(client, &settings.namespace),
            settings,
            cache,
            link,
            applied: Mutex::default(),
            background,
        })
    }

    fn applied(&self, id: &AppId) -> Option<Applied> {
        let applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        applied.get(id).cloned()
    }

    fn remember(&self, id: AppId, done: Applied) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        applied.insert(id, done);
    }

    fn forget(&self, id: &AppId) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        applied.remove(id);
    }

    /// What belongs to another region is refused before anything is asked.
    fn own(&self, desired: &DesiredApp) -> Result<(), RegionError> {
        if desired.region == self.settings.region {
            return Ok(());
        }
        Err(RegionError::Refused(format!(
            "This app belongs to the region {} and was handed to the region {}; nothing was applied.",
            desired.region, self.settings.region
        )))
    }
}

impl Drop for KubernetesDriver {
    fn drop(&mut self) {
        self.background.abort();
    }
}

#[async_trait]
impl RegionDriver for KubernetesDriver {
    async fn ready(&self) -> Result<(), RegionError> {
        self.link.up().await
    }

    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        self.own(desired)?;
        self.link.up().await?;
        self.converge(desired).await
    }

    async fn serves(&self, desired: &DesiredApp) -> Option<bool> {
        let live = self.cache.get(&resource::name(desired))?;
        Some(observe::serves(&live))
    }

    async fn purge(&self, desired: &DesiredApp) -> Result<Purge, RegionError> {
        self.own(desired)?;
        self.link.up().await?;
        self.remove(desired).await
    }

    async fn changed(&self) {
        self.cache.changed().await;
    }

    /// The apps belong to the cluster: they go on serving.
    async fn shutdown(&self) -> bool {
        false
    }
}
