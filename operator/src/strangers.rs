//! Notices and removes what others put into a tenant's namespace, where that opens a way in or out: policies add up, so one
//! more NetworkPolicy undoes all of ours, and a Service or Ingress leads anybody to the pods.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;
use std::sync::Arc;

use app_crd::names::{MANAGER, label};
use futures_util::StreamExt;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, PartialObjectMeta};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{Config, Event, watcher};
use tokio_util::task::AbortOnDropHandle;

use crate::app_object::AppObject;
use crate::apply;
use crate::build::{ChildId, Kind, is_named_like_ours};
use crate::cache::id_of;
use crate::context::Context;
use crate::error::Error;

const KINDS: [Kind; 3] = [Kind::NetworkPolicy, Kind::Service, Kind::Ingress];

/// Watches for them until the handles are dropped, and has the Apps looked at that they concern.
pub fn watch(context: &Arc<Context>) -> [AbortOnDropHandle<()>; 3] {
    KINDS.map(|kind| AbortOnDropHandle::new(tokio::spawn(run(context.clone(), kind))))
}

async fn run(context: Arc<Context>, kind: Kind) {
    let api: Api<PartialObjectMeta<DynamicObject>> = Api::all_with(context.client.clone(), &kind.resource());
    // No selector: what has a part of our labels only is a stranger, too.
    let mut events = pin!(watcher(api, Config::default()).default_backoff());
    let mut listing = HashSet::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init) => listing.clear(),
            Ok(Event::InitApply(object)) => {
                listing.insert(id_of(kind, &object.metadata));
                seen(&context, kind, &object.metadata);
            }
            Ok(Event::Apply(object)) => seen(&context, kind, &object.metadata),
            Ok(Event::Delete(object)) => {
                let id = id_of(kind, &object.metadata);
                let namespace = id.namespace.clone().unwrap_or_default();
                context.cache.strangers.remove(&namespace, &id);
            }
            Ok(Event::InitDone) => context.cache.strangers.only(kind, &listing),
            Err(error) => {
                tracing::warn!(watch = kind.name(), %error, "a watch was interrupted and starts again")
            }
        }
    }
}

fn seen(context: &Context, kind: Kind, metadata: &ObjectMeta) {
    let id = id_of(kind, metadata);
    let Some(app) = id.namespace.clone().filter(|name| name.starts_with("app-")) else {
        return;
    };
    if is_ours(metadata, &app, context.config.region.as_str()) {
        context.cache.strangers.remove(&app, &id);
    } else if context.cache.strangers.add(&app, id) {
        context.wake(&app);
    }
}

fn is_ours(metadata: &ObjectMeta, app: &str, region: &str) -> bool {
    let has = |labels: &BTreeMap<String, String>, key: &str, value: &str| {
        labels.get(key).is_some_and(|found| found == value)
    };
    metadata.labels.as_ref().is_some_and(|labels| {
        has(labels, label::MANAGED_BY, MANAGER)
            && has(labels, label::APP, app)
            && has(labels, label::REGION, region)
    })
}

/// Deletes them, once the namespace is known to be the App's. Ours that lost their labels stay: they get them back.
pub async fn expel(context: &Context, app: &AppObject) -> Result<(), Error> {
    let known = context.cache.strangers.of(app.name());
    let strangers: Vec<ChildId> = known.into_iter().filter(|id| !is_named_like_ours(id)).collect();
    for id in strangers {
        tracing::info!(
            app = app.name(),
            kind = id.kind.name(),
            name = id.name,
            "an object that somebody added to a tenant is deleted"
        );
        apply::delete(context, app.name(), &id, DeleteParams::background()).await?;
        context.cache.strangers.remove(app.name(), &id);
        context.metrics.drift.with_label_values(&[id.kind.name()]).inc();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_part_of_our_labels_does_not_make_an_object_ours() {
        let of = |labels: serde_json::Value| -> ObjectMeta {
            serde_json::from_value(json!({ "labels": labels })).unwrap()
        };
        let all = json!({ label::MANAGED_BY: MANAGER, label::APP: "app-1", label::REGION: "eu" });
        assert!(is_ours(&of(all.clone()), "app-1", "eu"));
        assert!(!is_ours(&of(all.clone()), "app-2", "eu"));
        for missing in [label::MANAGED_BY, label::APP, label::REGION] {
            let mut labels = all.clone();
            labels[missing] = "".into();
            assert!(!is_ours(&of(labels), "app-1", "eu"), "{missing}");
        }
        assert!(!is_ours(&ObjectMeta::default(), "app-1", "eu"));
    }
}
