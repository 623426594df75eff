//! The watches that keep the cache: one for each kind of object, all tenants together, most of them of metadata only.
//!
//! Each runs until it is dropped and starts anew after every error.

mod gates;
mod workloads;

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::pin::pin;
use std::sync::Arc;

use app_crd::names::{DATABASE_SECRET, MANAGER, RUNTIME, label};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, join_all};
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, DynamicObject, PartialObjectMeta};
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt, watcher as watch};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::build::{ChildId, Kind};
use crate::cache::{Change, app_of, id_of};
use crate::context::Context;
use crate::strangers;

/// Starts all of them among `tasks`. What is returned resolves when everything that exists is in the cache.
pub fn start(context: &Arc<Context>, tasks: &mut JoinSet<()>) -> impl Future<Output = ()> + use<> {
    let mut listed = Vec::new();
    let mut spawn = |watch: &dyn Fn(oneshot::Sender<()>) -> BoxFuture<'static, ()>| {
        let (sender, receiver) = oneshot::channel();
        listed.push(receiver);
        tasks.spawn(watch(sender));
    };
    for kind in Kind::ALL {
        match kind {
            Kind::Deployment => spawn(&|listed| workloads::deployments(context.clone(), listed)),
            Kind::Secret => spawn(&|listed| secrets(context.clone(), RUNTIME, listed)),
            kind if strangers::KINDS.contains(&kind) => {
                spawn(&|listed| gates::gates(context.clone(), kind, listed))
            }
            kind => spawn(&|listed| children(context.clone(), kind, listed)),
        }
    }
    spawn(&|listed| passwords(context.clone(), listed));
    spawn(&|listed| sources(context.clone(), listed));
    spawn(&|listed| workloads::pods(context.clone(), listed));
    async move {
        join_all(listed).await;
    }
}

/// What a watch does with its objects. Returned are the Apps to look at.
trait Keep<K>: Send {
    /// What an object is known by.
    type Name: Eq + Hash + Send;

    /// `None`: not one to keep.
    fn name(&self, object: &K) -> Option<Self::Name>;
    fn seen(&mut self, object: &K) -> Option<String>;
    fn gone(&mut self, object: &K) -> Option<String>;
    /// After the watch began anew: whatever is not among these has gone.
    fn only(&mut self, listed: &HashSet<Self::Name>) -> Vec<String>;
}

async fn run<K, P: Keep<K>>(
    context: Arc<Context>,
    what: &'static str,
    (api, config): (Api<K>, watch::Config),
    mut keep: P,
    synced: oneshot::Sender<()>,
) where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let (mut synced, mut listed) = (Some(synced), HashSet::new());
    let mut events = pin!(watcher::watcher(api, config).default_backoff());
    while let Some(event) = events.next().await {
        let touched = match event {
            Ok(Event::Init) => {
                listed.clear();
                None
            }
            Ok(Event::InitApply(object)) => {
                listed.extend(keep.name(&object));
                keep.seen(&object)
            }
            Ok(Event::Apply(object)) => keep.seen(&object),
            Ok(Event::Delete(object)) => keep.gone(&object),
            Ok(Event::InitDone) => {
                for app in keep.only(&std::mem::take(&mut listed)) {
                    context.wake(&app);
                }
                // An error only says that nobody waits any more.
                let _ = synced.take().map(|synced| synced.send(()));
                None
            }
            Err(error) => {
                tracing::warn!(watch = what, %error, "a watch was interrupted and starts again");
                None
            }
        };
        if let Some(app) = touched {
            context.wake(&app);
        }
    }
}

/// Only what operators of this region made.
fn ours(context: &Context) -> watch::Config {
    let region = context.config.region.as_str();
    watch::Config::default().labels(&format!(
        "{}={MANAGER},{}={region}",
        label::MANAGED_BY,
        label::REGION
    ))
}

fn children(context: Arc<Context>, kind: Kind, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let config = ours(&context);
    metadata(context, kind, config, listed)
}

fn secrets(context: Arc<Context>, name: &'static str, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    // By name, so that the permission to read Secrets can be given for these names alone.
    let config = ours(&context).fields(&format!("metadata.name={name}"));
    metadata(context, Kind::Secret, config, listed)
}

fn metadata(
    context: Arc<Context>,
    kind: Kind,
    config: watch::Config,
    listed: oneshot::Sender<()>,
) -> BoxFuture<'static, ()> {
    let watched = (metadata_of(&context, kind), config);
    let children = Children::new(&context, kind);
    Box::pin(run(context, kind.name(), watched, children, listed))
}

fn metadata_of(context: &Context, kind: Kind) -> Api<PartialObjectMeta<DynamicObject>> {
    Api::all_with(context.client.clone(), &kind.resource())
}

/// Keeps `cache.children`.
struct Children {
    context: Arc<Context>,
    kind: Kind,
}

impl Children {
    fn new(context: &Arc<Context>, kind: Kind) -> Self {
        let context = context.clone();
        Self { context, kind }
    }

    /// Takes in that an object in the place of one of ours is not ours.
    fn lost(&self, app: &str, id: &ChildId, version: u64) -> Option<String> {
        let change = self.context.cache.children.lost(app, id, version)?;
        self.changed(Some((app.to_owned(), change)))
    }

    fn changed(&self, change: Option<(String, Change)>) -> Option<String> {
        let (app, change) = change?;
        let deleting = || {
            let app = self.context.apps.get(&self.context.reference(&app));
            app.is_none_or(|app| app.is_deleted())
        };
        if change == Change::Drift && !deleting() {
            self.context
                .metrics
                .drift
                .with_label_values(&[self.kind.name()])
                .inc();
            tracing::info!(
                app,
                kind = self.kind.name(),
                "an object was changed by somebody else and is put right"
            );
        }
        Some(app)
    }
}

impl<K: Resource + Send> Keep<K> for Children {
    type Name = ChildId;

    fn name(&self, object: &K) -> Option<ChildId> {
        Some(id_of(self.kind, object.meta()))
    }

    fn seen(&mut self, object: &K) -> Option<String> {
        self.changed(self.context.cache.children.seen(self.kind, object.meta()))
    }

    fn gone(&mut self, object: &K) -> Option<String> {
        self.changed(self.context.cache.children.gone(self.kind, object.meta()))
    }

    fn only(&mut self, listed: &HashSet<ChildId>) -> Vec<String> {
        self.context.cache.children.only(self.kind, listed)
    }
}

fn passwords(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let api = Api::<Secret>::all(context.client.clone());
    let config = ours(&context).fields(&format!("metadata.name={DATABASE_SECRET}"));
    let keep = Passwords(context.clone());
    Box::pin(run(context, "Secret database", (api, config), keep, listed))
}

/// Keeps `cache.passwords`.
struct Passwords(Arc<Context>);

impl Keep<Secret> for Passwords {
    type Name = String;

    fn name(&self, secret: &Secret) -> Option<String> {
        app_of(&secret.metadata).map(str::to_owned)
    }

    fn seen(&mut self, secret: &Secret) -> Option<String> {
        self.0.cache.passwords.seen(secret)
    }

    fn gone(&mut self, secret: &Secret) -> Option<String> {
        let app = self.name(secret)?;
        self.0.cache.passwords.forget(&app);
        Some(app)
    }

    fn only(&mut self, listed: &HashSet<String>) -> Vec<String> {
        self.0.cache.passwords.only(listed)
    }
}

fn sources(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let api = Api::<Secret>::namespaced(context.client.clone(), &context.config.namespace);
    // Not the manifests that Helm keeps in the same namespace.
    let config = watch::Config::default().fields("type=Opaque");
    let keep = Sources(context.clone());
    Box::pin(run(
        context,
        "Secret of the control plane",
        (api, config),
        keep,
        listed,
    ))
}

/// Keeps `cache.sources`.
struct Sources(Arc<Context>);

impl Keep<Secret> for Sources {
    type Name = String;

    fn name(&self, secret: &Secret) -> Option<String> {
        Some(secret.name_any())
    }

    fn seen(&mut self, secret: &Secret) -> Option<String> {
        self.0.cache.sources.seen(secret)
    }

    fn gone(&mut self, secret: &Secret) -> Option<String> {
        let name = secret.name_any();
        self.0.cache.sources.forget(&name).then_some(name)
    }

    fn only(&mut self, listed: &HashSet<String>) -> Vec<String> {
        self.0.cache.sources.only(listed)
    }
}
