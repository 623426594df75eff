//! Removes what others put into a tenant's namespace, where that opens a way in or out: policies add up, so one more
//! NetworkPolicy undoes all of ours, and a Service or Ingress leads anybody to the pods.

use kube::api::DeleteParams;

use crate::app_object::AppObject;
use crate::apply;
use crate::build::{ChildId, Kind, is_named_like_ours};
use crate::context::Context;
use crate::error::Error;

pub const KINDS: [Kind; 3] = [Kind::NetworkPolicy, Kind::Service, Kind::Ingress];

/// Deletes them, once the namespace is known to be the App's. Ours that lost their labels stay: they get them back. One that
/// cannot be deleted does not save the others; the first failure is returned.
pub async fn expel(context: &Context, app: &AppObject) -> Result<(), Error> {
    let known = context.cache.strangers.of(app.name());
    let mut result = Ok(());
    for id in known.iter().filter(|id| !is_named_like_ours(id)) {
        result = result.and(delete(context, app.name(), id).await);
    }
    result
}

/// The watch alone takes it out of the cache: by now there may be another one of its name.
async fn delete(context: &Context, app: &str, id: &ChildId) -> Result<(), Error> {
    let kind = id.kind.name();
    if apply::delete(context, app, id, DeleteParams::background()).await? {
        tracing::info!(
            app,
            kind,
            name = id.name,
            "an object that somebody added to a tenant was deleted"
        );
        context.metrics.drift.with_label_values(&[kind]).inc();
    }
    Ok(())
}
