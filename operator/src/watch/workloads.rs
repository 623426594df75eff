//! The watches of what runs for the tenants: Deployments and pods, whole, since their status counts.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::Api;
use tokio::sync::oneshot;

use super::{Children, Keep, ours, run};
use crate::build::Kind;
use crate::cache::app_of;
use crate::context::Context;

pub(super) fn deployments(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let (api, config) = (Api::<Deployment>::all(context.client.clone()), ours(&context));
    let children = Children {
        context: context.clone(),
        kind: Kind::Deployment,
        listing: None,
    };
    Box::pin(run(
        "Deployment",
        api,
        config,
        Deployments {
            context,
            children,
            listing: None,
        },
        listed,
    ))
}

/// Keeps `cache.workloads`, and `cache.children` for Deployments.
struct Deployments {
    context: Arc<Context>,
    children: Children,
    listing: Option<HashSet<String>>,
}

impl Keep<Deployment> for Deployments {
    fn seen(&mut self, object: &Deployment) {
        if let (Some(listing), Some(app)) = (&mut self.listing, app_of(&object.metadata)) {
            listing.insert(app.to_owned());
        }
        let changed = self.context.cache.workloads.deployment(object);
        self.children.seen(object);
        if let Some(app) = changed {
            self.context.wake(&app);
        }
    }

    fn gone(&mut self, object: &Deployment) {
        self.context.cache.workloads.deployment_gone(&object.metadata);
        self.children.gone(object);
    }

    fn begin(&mut self) {
        self.listing = Some(HashSet::new());
        Keep::<Deployment>::begin(&mut self.children);
    }

    fn complete(&mut self) {
        self.context
            .cache
            .workloads
            .only_deployments(&self.listing.take().unwrap_or_default());
        Keep::<Deployment>::complete(&mut self.children);
    }
}

pub(super) fn pods(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let (api, config) = (Api::<Pod>::all(context.client.clone()), ours(&context));
    Box::pin(run(
        "Pod",
        api,
        config,
        Pods {
            context,
            listing: None,
        },
        listed,
    ))
}

/// Keeps the pods in `cache.workloads`.
struct Pods {
    context: Arc<Context>,
    listing: Option<HashSet<(String, String)>>,
}

impl Keep<Pod> for Pods {
    fn seen(&mut self, pod: &Pod) {
        if let (Some(listing), Some(app)) = (&mut self.listing, app_of(&pod.metadata)) {
            listing.insert((app.to_owned(), pod.name_any()));
        }
        if let Some(app) = self.context.cache.workloads.pod(pod) {
            self.context.wake(&app);
        }
    }

    fn gone(&mut self, pod: &Pod) {
        if let Some(app) = self.context.cache.workloads.pod_gone(&pod.metadata) {
            self.context.wake(&app);
        }
    }

    fn begin(&mut self) {
        self.listing = Some(HashSet::new());
    }

    fn complete(&mut self) {
        let seen = self.listing.take().unwrap_or_default();
        for app in self.context.cache.workloads.only_pods(&seen) {
            self.context.wake(&app);
        }
    }
}
