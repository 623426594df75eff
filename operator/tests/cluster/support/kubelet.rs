//! Plays the nodes for one App: its pods become ready, except those of a version whose name begins with `bad`, whose image
//! cannot be pulled.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

const PAUSE: Duration = Duration::from_millis(150);

pub fn start(client: Client, app: &str) -> AbortOnDropHandle<()> {
    let pods = Api::<Pod>::namespaced(client, app);
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            // The API server may be away; then nothing becomes ready.
            for pod in pods.list(&ListParams::default()).await.into_iter().flatten() {
                settle(&pods, &pod).await;
            }
            tokio::time::sleep(PAUSE).await;
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
    // It may have gone meanwhile.
    let _ = pods
        .patch_status(
            name,
            &PatchParams::default(),
            &Patch::Merge(json!({ "status": status })),
        )
        .await;
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
