//! A stand-in for the nodes.

use futures_util::StreamExt;
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Patch, PatchParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client};
use serde_json::json;

use crate::CLIENTS;

/// Every Deployment is available as soon as it is seen.
pub async fn play(client: Client) {
    let deployments = watcher(Api::<Deployment>::all(client.clone()), watcher::Config::default());
    deployments
        .default_backoff()
        .applied_objects()
        .for_each_concurrent(CLIENTS, |deployment| {
            let client = client.clone();
            async move {
                if let Ok(deployment) = deployment {
                    make_available(&client, &deployment).await;
                }
            }
        })
        .await;
}

async fn make_available(client: &Client, deployment: &Deployment) {
    let generation = deployment.metadata.generation;
    let observed = deployment
        .status
        .as_ref()
        .and_then(|status| status.observed_generation);
    if observed == generation {
        return;
    }
    let count = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.replicas)
        .unwrap_or(1);
    let status = json!({ "status": {
        "observedGeneration": generation, "replicas": count, "updatedReplicas": count, "readyReplicas": count,
        "availableReplicas": count,
    }});
    let namespace = deployment.metadata.namespace.as_deref().unwrap();
    let api = Api::<Deployment>::namespaced(client.clone(), namespace);
    let name = deployment.metadata.name.as_deref().unwrap();
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(status))
        .await
        .unwrap();
}
