//! Notices and removes what others put into a tenant's namespace, where that opens a way in or out: policies add up, so one
//! more NetworkPolicy undoes all of ours, and a Service or Ingress leads anybody to the pods.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use app_crd::names::{MANAGER, label};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::api::DeleteParams;

use crate::app_object::AppObject;
use crate::apply;
use crate::build::{ChildId, Kind, is_named_like_ours};
use crate::cache::id_of;
use crate::context::Context;
use crate::error::Error;
use crate::watch::Keep;

pub const KINDS: [Kind; 3] = [Kind::NetworkPolicy, Kind::Service, Kind::Ingress];

/// Keeps `cache.strangers`.
pub struct Strangers {
    pub context: Arc<Context>,
    pub kind: Kind,
}

impl<K: Resource + Send> Keep<K> for Strangers {
    type Name = ChildId;

    fn name(&self, object: &K) -> Option<ChildId> {
        Some(id_of(self.kind, object.meta()))
    }

    fn seen(&mut self, object: &K) -> Option<String> {
        let (metadata, id) = (object.meta(), id_of(self.kind, object.meta()));
        let app = id.namespace.clone().filter(|name| name.starts_with("app-"))?;
        let strangers = &self.context.cache.strangers;
        if is_ours(metadata, &app, self.context.config.region.as_str()) {
            strangers.remove(&app, &id);
            return None;
        }
        strangers.add(&app, id).then_some(app)
    }

    fn gone(&mut self, object: &K) -> Option<String> {
        let id = id_of(self.kind, object.meta());
        let namespace = id.namespace.clone().unwrap_or_default();
        self.context.cache.strangers.remove(&namespace, &id);
        None
    }

    fn only(&mut self, listed: &HashSet<ChildId>) -> Vec<String> {
        self.context.cache.strangers.only(self.kind, listed);
        Vec::new()
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
