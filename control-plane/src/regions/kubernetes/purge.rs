//! Has an app removed from its cluster: the operator takes its tenant down, data and all, before the `App` is gone.

use std::time::Duration;

use kube::ResourceExt;
use kube::api::{DeleteParams, Preconditions};

use super::apply::{told, within};
use super::{KubernetesDriver, resource};
use crate::regions::{DesiredApp, Purge, RegionError};

/// Everything one step takes of the API server, answers within this.
const PATIENCE: Duration = Duration::from_secs(10);

impl KubernetesDriver {
    /// One step: ask for the removal, or see how far it is.
    pub(super) async fn remove(&self, desired: &DesiredApp) -> Result<Purge, RegionError> {
        let name = resource::name(desired);
        if let Some(live) = self.cache.get(&name)
            && live.metadata.deletion_timestamp.is_some()
        {
            return Ok(Purge::UnderWay);
        }
        within(PATIENCE, self.remove_by_name(desired, &name)).await
    }

    async fn remove_by_name(&self, desired: &DesiredApp, name: &str) -> Result<Purge, RegionError> {
        let Some(live) = self.apps.get_opt(name).await.map_err(told)? else {
            gone(self.secrets.delete(name, &DeleteParams::default()).await)?;
            self.cache.remove(name);
            self.forget(&desired.id);
            return Ok(Purge::Done);
        };
        self.same_region(&live)?;
        if live.metadata.deletion_timestamp.is_none() {
            let this_one = DeleteParams::default().preconditions(Preconditions {
                uid: live.uid(),
                resource_version: None,
            });
            gone(self.apps.delete(name, &this_one).await)?;
            tracing::info!(app.id = %desired.id, region = %desired.region, "removal of the app asked for");
        }
        Ok(Purge::UnderWay)
    }
}

/// Nothing to delete is fine.
fn gone<T>(result: Result<T, kube::Error>) -> Result<(), RegionError> {
    match result {
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => Err(told(error)),
        Ok(_) => Ok(()),
    }
}
