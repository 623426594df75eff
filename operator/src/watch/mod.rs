//! The watches that keep the cache: one for each kind of object, all tenants together, most of them of metadata only.
//!
//! Each runs until it is dropped and starts anew after every error. [`Watches::synced`] resolves when each has listed once.

mod workloads;

use std::collections::HashSet;
use std::fmt::Debug;
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
use tokio_util::task::AbortOnDropHandle;

use crate::build::{ChildId, Kind};
use crate::cache::{Change, app_of, id_of};
use crate::context::Context;

/// The running watches; they end when this is dropped.
pub struct Watches {
    tasks: Vec<AbortOnDropHandle<()>>,
    listed: Vec<oneshot::Receiver<()>>,
}

impl Watches {
    /// Starts all of them.
    pub fn start(context: &Arc<Context>) -> Self {
        let mut watches = Self {
            tasks: Vec::new(),
            listed: Vec::new(),
        };
        for kind in Kind::ALL {
            match kind {
                Kind::Deployment => watches.spawn(|listed| workloads::deployments(context.clone(), listed)),
                Kind::Secret => watches.spawn(|listed| secrets(context.clone(), RUNTIME, listed)),
                kind => watches.spawn(|listed| children(context.clone(), kind, listed)),
            }
        }
        watches.spawn(|listed| passwords(context.clone(), listed));
        watches.spawn(|listed| sources(context.clone(), listed));
        watches.spawn(|listed| workloads::pods(context.clone(), listed));
        watches
    }

    fn spawn(&mut self, start: impl FnOnce(oneshot::Sender<()>) -> BoxFuture<'static, ()>) {
        let (sender, receiver) = oneshot::channel();
        self.listed.push(receiver);
        self.tasks
            .push(AbortOnDropHandle::new(tokio::spawn(start(sender))));
    }

    /// Resolves when everything that exists is in the cache.
    pub async fn synced(&mut self) {
        join_all(self.listed.drain(..)).await;
    }
}

/// What a watch does with its objects.
trait Keep<K>: Send {
    fn seen(&mut self, object: &K);
    fn gone(&mut self, object: &K);
    /// All that exists has been seen since `begin`.
    fn complete(&mut self);
    fn begin(&mut self);
}

async fn run<K>(
    what: &'static str,
    api: Api<K>,
    config: watch::Config,
    mut keep: impl Keep<K>,
    listed: oneshot::Sender<()>,
) where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let mut listed = Some(listed);
    let mut events = pin!(watcher::watcher(api, config).default_backoff());
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => keep.begin(),
            Ok(Event::InitApply(object) | Event::Apply(object)) => keep.seen(&object),
            Ok(Event::Delete(object)) => keep.gone(&object),
            Ok(Event::InitDone) => {
                keep.complete();
                // An error only says that nobody waits any more.
                let _ = listed.take().map(|listed| listed.send(()));
            }
            Err(error) => tracing::warn!(watch = what, %error, "a watch was interrupted and starts again"),
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
    let api: Api<PartialObjectMeta<DynamicObject>> = Api::all_with(context.client.clone(), &kind.resource());
    Box::pin(run(
        kind.name(),
        api,
        config,
        Children {
            context,
            kind,
            listing: None,
        },
        listed,
    ))
}

/// Keeps `cache.children`.
struct Children {
    context: Arc<Context>,
    kind: Kind,
    listing: Option<HashSet<ChildId>>,
}

impl Children {
    fn changed(&self, change: Option<(String, Change)>) {
        let Some((app, change)) = change else { return };
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
        self.context.wake(&app);
    }
}

impl<K: Resource + Send> Keep<K> for Children {
    fn seen(&mut self, object: &K) {
        if let Some(listing) = &mut self.listing {
            listing.insert(id_of(self.kind, object.meta()));
        }
        self.changed(self.context.cache.children.seen(self.kind, object.meta()));
    }

    fn gone(&mut self, object: &K) {
        self.changed(self.context.cache.children.gone(self.kind, object.meta()));
    }

    fn begin(&mut self) {
        self.listing = Some(HashSet::new());
    }

    fn complete(&mut self) {
        let seen = self.listing.take().unwrap_or_default();
        for app in self.context.cache.children.only(self.kind, &seen) {
            self.context.wake(&app);
        }
    }
}

fn passwords(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let api = Api::<Secret>::all(context.client.clone());
    let config = ours(&context).fields(&format!("metadata.name={DATABASE_SECRET}"));
    Box::pin(run(
        "Secret database",
        api,
        config,
        Passwords {
            context,
            listing: None,
        },
        listed,
    ))
}

/// Keeps `cache.passwords`.
struct Passwords {
    context: Arc<Context>,
    listing: Option<HashSet<String>>,
}

impl Keep<Secret> for Passwords {
    fn seen(&mut self, secret: &Secret) {
        if let (Some(listing), Some(app)) = (&mut self.listing, app_of(&secret.metadata)) {
            listing.insert(app.to_owned());
        }
        if let Some(app) = self.context.cache.passwords.seen(secret) {
            self.context.wake(&app);
        }
    }

    fn gone(&mut self, secret: &Secret) {
        if let Some(app) = app_of(&secret.metadata) {
            self.context.cache.passwords.forget(app);
            self.context.wake(app);
        }
    }

    fn begin(&mut self) {
        self.listing = Some(HashSet::new());
    }

    fn complete(&mut self) {
        for app in self
            .context
            .cache
            .passwords
            .only(&self.listing.take().unwrap_or_default())
        {
            self.context.wake(&app);
        }
    }
}

fn sources(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let api = Api::<Secret>::namespaced(context.client.clone(), &context.config.namespace);
    // Not the manifests that Helm keeps in the same namespace.
    let config = watch::Config::default().fields("type=Opaque");
    Box::pin(run(
        "Secret of the control plane",
        api,
        config,
        Sources {
            context,
            listing: None,
        },
        listed,
    ))
}

/// Keeps `cache.sources`.
struct Sources {
    context: Arc<Context>,
    listing: Option<HashSet<String>>,
}

impl Keep<Secret> for Sources {
    fn seen(&mut self, secret: &Secret) {
        if let Some(listing) = &mut self.listing {
            listing.insert(secret.name_any());
        }
        if let Some(app) = self.context.cache.sources.seen(secret) {
            self.context.wake(&app);
        }
    }

    fn gone(&mut self, secret: &Secret) {
        let name = secret.name_any();
        if self.context.cache.sources.forget(&name) {
            self.context.wake(&name);
        }
    }

    fn begin(&mut self) {
        self.listing = Some(HashSet::new());
    }

    fn complete(&mut self) {
        for app in self
            .context
            .cache
            .sources
            .only(&self.listing.take().unwrap_or_default())
        {
            self.context.wake(&app);
        }
    }
}
