//! Brings one app's objects in the cluster to what is desired, and says where the app stands.

use std::sync::Arc;
use std::time::Duration;

use app_crd::App;
use kube::api::{Patch, PatchParams};
use kube::{Resource, ResourceExt};
use serde_json::json;
use tokio::time::Instant;

use super::secret::Document;
use super::{FIELD_MANAGER, KubernetesDriver, observe, resource, secret};
use crate::error::chain;
use crate::regions::{DesiredApp, ObservedApp, ObservedState, RegionError};

/// Everything one app takes of the API server, answers within this.
const PATIENCE: Duration = Duration::from_secs(10);
/// Secrets may not be read here: one is applied again after this long, in case somebody changed it,
const APPLY_AGAIN: Duration = Duration::from_secs(600);
/// and so soon once the operator says that it is missing or of no use, then ever later while that does not help.
const APPLY_SECRET_AGAIN: Duration = Duration::from_secs(5);

/// What was applied for an app last, and when.
#[derive(Clone, Debug)]
pub struct Applied {
    wanted: Arc<App>,
    at: Instant,
    /// How long it is left alone should the operator miss the settings.
    patience: Duration,
    /// All replicas were seen to be as wanted.
    reached: bool,
}

impl KubernetesDriver {
    /// Applies the app unless the cluster has it as it should be, and observes it.
    pub(super) async fn converge(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        let document = Document::of(desired, &self.settings);
        let wanted = resource::build(desired, &self.settings, &document.hash);
        let live = match self.settled(desired, &wanted) {
            Some(live) => live,
            None => within(PATIENCE, self.apply(desired, wanted, &document)).await?,
        };
        let mut applied = self.applied(&desired.id);
        let reached = applied.as_ref().is_some_and(|applied| applied.reached);
        let seen = observe::seen(desired, &live, reached);
        if let Some(applied) = applied
            .as_mut()
            .filter(|_| seen.state == ObservedState::Ready && !reached)
        {
            applied.reached = true;
            self.remember(desired.id, applied.clone());
        }
        Ok(observe::observed(desired, seen, &live, &self.settings))
    }

    /// The cluster's app, when it is as it was applied and nothing else is wanted since.
    fn settled(&self, desired: &DesiredApp, wanted: &App) -> Option<Arc<App>> {
        let applied = self.applied(&desired.id)?;
        let live = self.cache.get(&resource::name(desired))?;
        let again = match observe::lacks_settings(&live) {
            true => applied.patience,
            false => APPLY_AGAIN,
        };
        let same = *applied.wanted == *wanted && applied.at.elapsed() < again;
        let leaving = live.metadata.deletion_timestamp.is_some();
        let as_wanted =
            resource::generation(live.as_ref()) <= desired.generation && resource::holds(&live, wanted);
        (same && (leaving || as_wanted)).then_some(live)
    }

    async fn apply(
        &self,
        desired: &DesiredApp,
        wanted: App,
        document: &Document,
    ) -> Result<Arc<App>, RegionError> {
        resource::check(&wanted)?;
        let name = resource::name(desired);
        let live = self.apps.get_opt(&name).await.map_err(told)?;
        if let Some(live) = live {
            self.same_region(&live)?;
            if live.metadata.deletion_timestamp.is_some() {
                return Ok(self.cache.put(live));
            }
            let generation = resource::generation(&live);
            if generation > desired.generation {
                return Err(resource::ahead(generation, desired));
            }
            self.apply_secret(desired, document, Some(&live)).await?;
            let live = self.apply_app(&name, &wanted, live.resource_version()).await?;
            self.done(desired, wanted, &live);
            return Ok(self.cache.put(live));
        }
        // The operator finds the Secret from its first visit on; it gets its owner when there is one.
        self.apply_secret(desired, document, None).await?;
        let live = self.apply_app(&name, &wanted, None).await?;
        self.apply_secret(desired, document, Some(&live)).await?;
        self.done(desired, wanted, &live);
        Ok(self.cache.put(live))
    }

    fn done(&self, desired: &DesiredApp, wanted: App, live: &App) {
        tracing::debug!(app.id = %desired.id, region = %desired.region, generation = desired.generation, "app applied");
        let before = self.applied(&desired.id);
        let same = before.filter(|before| *before.wanted == wanted);
        let reached = same.as_ref().is_some_and(|before| before.reached);
        let last = same.map(|before| before.patience);
        let applied = Applied {
            wanted: Arc::new(wanted),
            at: Instant::now(),
            patience: patience(last, observe::lacks_settings(live)),
            reached,
        };
        self.remember(desired.id, applied);
    }

    /// Applies the resource; with a version, only over that one.
    async fn apply_app(&self, name: &str, wanted: &App, version: Option<String>) -> Result<App, RegionError> {
        let mut versioned = wanted.clone();
        versioned.metadata.resource_version = version;
        let applied = self.apps.patch(name, &params(), &Patch::Apply(&versioned)).await;
        let applied = applied.map_err(told)?;
        if applied.spec.hosts == wanted.spec.hosts {
            return Ok(applied);
        }
        // Hosts are a set, in which an apply leaves what others have put there; but they are nobody else's.
        let exact = json!({
            "metadata": { "resourceVersion": applied.metadata.resource_version },
            "spec": { "hosts": wanted.spec.hosts },
        });
        let ours = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let patched = self.apps.patch(name, &ours, &Patch::Merge(&exact)).await;
        patched.map_err(told)
    }

    async fn apply_secret(
        &self,
        desired: &DesiredApp,
        document: &Document,
        owner: Option<&App>,
    ) -> Result<(), RegionError> {
        let owner = owner.and_then(|app| app.controller_owner_ref(&()));
        let secret = secret::build(desired, &self.settings, document, owner);
        let name = resource::name(desired);
        let applied = self.secrets.patch(&name, &params(), &Patch::Apply(&secret)).await;
        applied.map(drop).map_err(told)
    }

    /// An app of that name that lives elsewhere is not touched.
    pub(super) fn same_region(&self, live: &App) -> Result<(), RegionError> {
        let region = self.settings.region;
        if live.spec.region == resource::crd_region(region) {
            return Ok(());
        }
        Err(RegionError::Refused(format!(
            "The cluster of the region {region} has this app as one of another region, so it was not touched."
        )))
    }
}

/// How long settings that were applied are left alone should they be missed, after they were for `last`.
fn patience(last: Option<Duration>, missed: bool) -> Duration {
    match last {
        Some(last) if missed => (last * 2).min(APPLY_AGAIN),
        _ => APPLY_SECRET_AGAIN,
    }
}

fn params() -> PatchParams {
    PatchParams::apply(FIELD_MANAGER).force().validation_strict()
}

/// Waits for `work` no longer than `patience`.
pub(super) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, RegionError>>,
) -> Result<T, RegionError> {
    let silent = || RegionError::Unreachable("The region's cluster does not answer in time.".to_owned());
    tokio::time::timeout(patience, work).await.map_err(|_| silent())?
}

/// What an answer of the API server means for the app. One that is the platform's business, not the app's, goes to the
/// log in full and to the owner by its reason.
pub(super) fn told(error: kube::Error) -> RegionError {
    let kube::Error::Api(status) = &error else {
        return RegionError::Unreachable(format!("The region's cluster does not answer: {}", chain(&error)));
    };
    match status.code {
        409 => {
            RegionError::NotReady("The app is being changed by somebody else; it is tried again.".to_owned())
        }
        400 | 422 => RegionError::Refused(format!("The app's region refused it: {}", status.message)),
        _ => {
            let (reason, message) = (&status.reason, &status.message);
            tracing::warn!(
                code = status.code,
                reason,
                message,
                "the region's cluster takes no change"
            );
            RegionError::NotReady(format!(
                "The app's region takes no change at the moment ({reason}). It is tried again; if it stays, tell the \
                 people who run the platform."
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_do_not_help_are_applied_ever_more_rarely() {
        let mut waits = vec![patience(None, true)];
        for _ in 0..8 {
            waits.push(patience(waits.last().copied(), true));
        }
        let seconds: Vec<u64> = waits.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(
            patience(Some(APPLY_AGAIN), false),
            APPLY_SECRET_AGAIN,
            "they arrived"
        );
    }
}
