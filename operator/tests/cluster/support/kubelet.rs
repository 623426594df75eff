//! Plays the nodes for one App: its pods become ready, except those of a version whose name begins with `bad`, whose image
//! cannot be pulled.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Patch, PatchParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

/// Between two attempts to tell an API server that does not answer.
const AGAIN: Duration = Duration::from_millis(100);

pub fn start(client: Client, app: &str) -> AbortOnDropHandle<()> {
    let pods = Api::<Pod>::namespaced(client, app);
    AbortOnDropHandle::new(tokio::spawn(async move {
        let seen = watcher(pods.clone(), watcher::Config::default())
            .default_backoff()
            .applied_objects();
        let mut seen = pin!(seen);
        while let Some(pod) = seen.next().await {
            // The API server may be away; the watch lists anew when it is back.
            if let Ok(pod) = pod {
                settle(&pods, &pod).await;
            }
        }
    }))
}

async fn settle(pods: &Api<Pod>, pod: &Pod) {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    let known =
        conditions.is_some_and(|conditions| conditions.iter().any(|condition| condition.type_ == "Ready"));
    let (Some(name), Some(spec), false) = (&pod.metadata.name, &pod.spec, known) else {
        return;
    };
    let image = spec.containers[0].image.clone().unwrap_or_default();
    let status = if image.contains(":bad") {
        waiting(&image)
    } else {
        ready()
    };
    let (params, patch) = (PatchParams::default(), Patch::Merge(json!({ "status": status })));
    // The API server may be away: then again. The pod may have gone meanwhile: then not.
    while let Err(error) = pods.patch_status(name, &params, &patch).await {
        if matches!(&error, kube::Error::Api(status) if status.code == 404) {
            return;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn ready() -> Value {
    json!({
        "phase": "Running",
        "conditions": [
            { "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z" },
            { "type": "ContainersReady", "status": "True" },
        ],
    })
}

fn waiting(image: &str) -> Value {
    json!({
        "phase": "Pending",
        "conditions": [{ "type": "Ready", "status": "False" }],
        "containerStatuses": [{
            "name": "runtime", "image": image, "imageID": "", "ready": false, "restartCount": 0,
            "state": { "waiting": { "reason": "ImagePullBackOff", "message": format!("Back-off pulling image {image}") } },
        }],
    })
}
