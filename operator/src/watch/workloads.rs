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
use crate::build::{ChildId, Kind};
use crate::cache::app_of;
use crate::context::Context;

pub(super) fn deployments(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let watched = (Api::<Deployment>::all(context.client.clone()), ours(&context));
    let keep = Deployments {
        children: Children::new(&context, Kind::Deployment),
        context: context.clone(),
    };
    Box::pin(run(context, "Deployment", watched, keep, listed))
}

/// Keeps `cache.workloads`, and `cache.children` for Deployments.
struct Deployments {
    context: Arc<Context>,
    children: Children,
}

impl Keep<Deployment> for Deployments {
    type Name = ChildId;

    fn name(&self, object: &Deployment) -> Option<ChildId> {
        self.children.name(object)
    }

    fn seen(&mut self, object: &Deployment) -> Option<String> {
        let changed = self.context.cache.workloads.deployment(object);
        self.children.seen(object).or(changed)
    }

    fn gone(&mut self, object: &Deployment) -> Option<String> {
        self.context.cache.workloads.deployment_gone(&object.metadata);
        self.children.gone(object)
    }

    fn only(&mut self, listed: &HashSet<ChildId>) -> Vec<String> {
        let apps = listed.iter().filter_map(|id| id.namespace.clone()).collect();
        self.context.cache.workloads.only_deployments(&apps);
        Keep::<Deployment>::only(&mut self.children, listed)
    }
}

pub(super) fn pods(context: Arc<Context>, listed: oneshot::Sender<()>) -> BoxFuture<'static, ()> {
    let watched = (Api::<Pod>::all(context.client.clone()), ours(&context));
    let keep = Pods(context.clone());
    Box::pin(run(context, "Pod", watched, keep, listed))
}

/// Keeps the pods in `cache.workloads`.
struct Pods(Arc<Context>);

impl Keep<Pod> for Pods {
    type Name = (String, String);

    fn name(&self, pod: &Pod) -> Option<Self::Name> {
        Some((app_of(&pod.metadata)?.to_owned(), pod.name_any()))
    }

    fn seen(&mut self, pod: &Pod) -> Option<String> {
        self.0.cache.workloads.pod(pod)
    }

    fn gone(&mut self, pod: &Pod) -> Option<String> {
        self.0.cache.workloads.pod_gone(&pod.metadata)
    }

    fn only(&mut self, listed: &HashSet<Self::Name>) -> Vec<String> {
        self.0.cache.workloads.only_pods(listed)
    }
}
