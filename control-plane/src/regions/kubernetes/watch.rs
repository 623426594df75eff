//! Keeps the cache of the region's `App`s, and says whether the cluster can be worked with.
//!
//! A cluster is up when it answers, says itself that it is the region it is configured as, and its apps have been
//! listed. One that is asked in vain is asked again every second.

use std::sync::Arc;
use std::time::Duration;

use app_crd::App;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::DeserializeGuard;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, ResourceExt};
use tokio::sync::watch::Sender;
use tokio::task::AbortHandle;

use super::cache::Cache;
use super::link::{Link, State};
use super::settings::KubernetesSettings;
use crate::error::chain;
use crate::regions::Region;

/// The ConfigMap in the control namespace by which a cluster says which region it is.
const REGION_CONFIG: &str = "slipway-region";
/// A cluster that is up is asked for a sign of life this often.
const BEAT: Duration = Duration::from_secs(5);
/// A cluster that is away is asked again after this long.
const RETRY: Duration = Duration::from_secs(1);
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(4);

type Events = BoxStream<'static, Result<watcher::Event<DeserializeGuard<App>>, watcher::Error>>;

/// What an event brought.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    Part,
    WholeList,
}

struct Watch {
    region: Region,
    namespace: String,
    apps: Api<DeserializeGuard<App>>,
    configs: Api<ConfigMap>,
    cache: Arc<Cache>,
    tell: Sender<State>,
}

/// Starts to watch, until the handle is aborted.
pub fn spawn(client: Client, settings: &KubernetesSettings, cache: Arc<Cache>) -> (Link, AbortHandle) {
    let (link, tell) = Link::new();
    let watch = Watch {
        region: settings.region,
        namespace: settings.namespace.clone(),
        apps: Api::namespaced(client.clone(), &settings.namespace),
        configs: Api::namespaced(client, &settings.namespace),
        cache,
        tell,
    };
    (link, tokio::spawn(watch.run()).abort_handle())
}

impl Watch {
    async fn run(self) {
        loop {
            let problem = match self.probe().await {
                Ok(()) => self.follow().await,
                Err(problem) => problem,
            };
            self.tell(State::Down(problem));
            tokio::time::sleep(RETRY).await;
        }
    }

    fn tell(&self, state: State) {
        if *self.tell.borrow() == state {
            return;
        }
        match &state {
            State::Down(problem) => tracing::warn!(region = %self.region, problem, "region is away"),
            _ => tracing::info!(region = %self.region, "region is up"),
        }
        self.tell.send_replace(state);
        self.cache.notify();
    }

    /// Follows the apps while the cluster answers; says why it stopped.
    async fn follow(&self) -> String {
        let mut events: Events = watcher(self.apps.clone(), watcher::Config::default())
            .default_backoff()
            .boxed();
        let mut listed = Vec::new();
        if let Err(problem) = self.list(&mut events, &mut listed).await {
            return problem;
        }
        self.tell(State::Up);
        let mut beat = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        self.take(event, &mut listed);
                    }
                    // The stream starts again by itself; whether it can is what the probe asks.
                    Some(Err(error)) => {
                        tracing::debug!(region = %self.region, error = %chain(&error), "watch of apps broke off");
                        beat.reset_immediately();
                    }
                    None => return self.silent("the watch of its apps ended"),
                },
                _ = beat.tick() => if let Err(problem) = self.probe().await {
                    return problem;
                },
            }
        }
    }

    /// Waits for the first complete list.
    async fn list(&self, events: &mut Events, listed: &mut Vec<App>) -> Result<(), String> {
        let listing = async {
            while let Some(event) = events.try_next().await? {
                if self.take(event, listed) == Taken::WholeList {
                    break;
                }
            }
            Ok::<_, watcher::Error>(())
        };
        match tokio::time::timeout(BEAT * 2, listing).await {
            Ok(done) => done.map_err(|error| self.unlisted(&error)),
            Err(_) => Err(self.silent("its apps could not be listed in time")),
        }
    }

    /// Keeps the cache by what happened. A stream that starts again lists everything anew, so that nothing missed
    /// meanwhile stays.
    fn take(&self, event: watcher::Event<DeserializeGuard<App>>, listed: &mut Vec<App>) -> Taken {
        match event {
            watcher::Event::Init => listed.clear(),
            watcher::Event::InitApply(app) => listed.extend(self.readable(app)),
            watcher::Event::InitDone => {
                self.cache.replace(std::mem::take(listed));
                return Taken::WholeList;
            }
            watcher::Event::Apply(app) => {
                if let Some(app) = self.readable(app) {
                    self.cache.put(app);
                }
            }
            watcher::Event::Delete(app) => self.cache.remove(&app.name_any()),
        }
        Taken::Part
    }

    /// One app that cannot be read must not hide the others; it counts as not there, and is applied again.
    fn readable(&self, app: DeserializeGuard<App>) -> Option<App> {
        app.0
            .inspect_err(|error| {
                let name = error.metadata.name.as_deref().unwrap_or_default();
                tracing::warn!(region = %self.region, app = name, %error, "App cannot be read");
            })
            .ok()
    }

    /// Whether the cluster answers and is the one it should be.
    async fn probe(&self) -> Result<(), String> {
        let asked = tokio::time::timeout(PATIENCE, self.configs.get_opt(REGION_CONFIG)).await;
        let found = match asked {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return Err(self.silent(&chain(&error))),
            Err(_) => return Err(self.silent("no answer in time")),
        };
        let data = found.and_then(|config| config.data).unwrap_or_default();
        match data.get("region").map(String::as_str) {
            Some(region) if region == self.region.as_str() => Ok(()),
            Some(other) => Err(self.another(other)),
            None => Err(self.nameless()),
        }
    }

    fn silent(&self, cause: &str) -> String {
        format!(
            "The cluster of the region {} does not answer: {cause}",
            self.region
        )
    }

    fn unlisted(&self, error: &watcher::Error) -> String {
        let (region, cause) = (self.region, chain(error));
        match error {
            watcher::Error::InitialListFailed(kube::Error::Api(status)) if status.is_not_found() => format!(
                "The cluster of the region {region} does not know the resource App: install the chart `crds` there."
            ),
            _ => format!("The apps in the cluster of the region {region} cannot be listed: {cause}"),
        }
    }

    fn another(&self, other: &str) -> String {
        let region = self.region;
        format!(
            "The cluster configured for the region {region} says that it is `{other}`, so nothing is applied to it. Set \
             regions.{region}.kubeconfig and regions.{region}.context to the cluster of {region}."
        )
    }

    fn nameless(&self) -> String {
        let (region, namespace) = (self.region, &self.namespace);
        format!(
            "The cluster of the region {region} does not say which region it is, so nothing is applied to it. The chart \
             says so with the ConfigMap {REGION_CONFIG}; by hand: kubectl -n {namespace} create configmap \
             {REGION_CONFIG} --from-literal=region={region}"
        )
    }
}
