//! The watches of the kinds that open a way into a tenant or out of it: of all objects, since one of somebody else counts as
//! much as ours.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use app_crd::names::{self, MANAGER, label};
use futures_util::future::BoxFuture;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::runtime::watcher as watch;
use tokio::sync::oneshot;

use super::{Children, Keep, metadata_of, run};
use crate::build::{ChildId, Kind};
use crate::cache::{id_of, version_of};
use crate::context::Context;

pub(super) fn gates(
    context: Arc<Context>,
    kind: Kind,
    listed: oneshot::Sender<()>,
) -> BoxFuture<'static, ()> {
    // No selector: what has a part of our labels only is a stranger, too.
    let watched = (metadata_of(&context, kind), watch::Config::default());
    let keep = Gates {
        children: Children::new(&context, kind),
        context: context.clone(),
        kind,
    };
    Box::pin(run(context, kind.name(), watched, keep, listed))
}

/// Keeps `cache.children` with what is ours, and `cache.strangers` with what else is in a tenant's namespace.
struct Gates {
    context: Arc<Context>,
    children: Children,
    kind: Kind,
}

impl Gates {
    /// The App that an object in this place belongs to, or concerns.
    fn app_at(&self, id: &ChildId) -> Option<String> {
        let namespace = id.namespace.as_deref()?;
        let app = if namespace == self.context.config.namespace {
            names::app_of_suspended_ingress(&id.name)?
        } else {
            namespace
        };
        app.starts_with("app-").then(|| app.to_owned())
    }

    fn is_ours(&self, metadata: &ObjectMeta, app: &str) -> bool {
        is_ours(metadata, app, self.context.config.region.as_str())
    }
}

impl<K: Resource + Send> Keep<K> for Gates {
    type Name = ChildId;

    fn name(&self, object: &K) -> Option<ChildId> {
        Some(id_of(self.kind, object.meta()))
    }

    fn seen(&mut self, object: &K) -> Option<String> {
        let (metadata, id) = (object.meta(), id_of(self.kind, object.meta()));
        let app = self.app_at(&id)?;
        let strangers = &self.context.cache.strangers;
        // What is on its way out needs nobody to delete it.
        let leaves = metadata.deletion_timestamp.is_some();
        if leaves || self.is_ours(metadata, &app) {
            strangers.remove(&app, &id);
        }
        if self.is_ours(metadata, &app) {
            return self.children.seen(object);
        }
        let lost = self.children.lost(&app, &id, version_of(metadata));
        let in_tenant = id.namespace.as_ref() == Some(&app);
        let uid = metadata.uid.as_deref().unwrap_or_default();
        let is_new = !leaves && in_tenant && strangers.add(&app, id, uid);
        lost.or(is_new.then_some(app))
    }

    fn gone(&mut self, object: &K) -> Option<String> {
        let (metadata, id) = (object.meta(), id_of(self.kind, object.meta()));
        let app = self.app_at(&id)?;
        self.context.cache.strangers.remove(&app, &id);
        if self.is_ours(metadata, &app) {
            return self.children.gone(object);
        }
        self.children.lost(&app, &id, version_of(metadata))
    }

    fn only(&mut self, listed: &HashSet<ChildId>) -> Vec<String> {
        self.context.cache.strangers.only(self.kind, listed);
        Keep::<K>::only(&mut self.children, listed)
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
