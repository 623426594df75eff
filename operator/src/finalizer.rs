//! The mark on an App that keeps it until its teardown is complete.

use app_crd::names::{FIELD_MANAGER, FINALIZER};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::app_object::AppObject;
use crate::context::Context;
use crate::error::{Error, code};

/// Sets the mark before anything is made that would have to be torn down.
pub async fn ensure(context: &Context, app: &AppObject) -> Result<(), Error> {
    if app.has_finalizer() {
        return Ok(());
    }
    let mut finalizers = app.metadata.finalizers.clone().unwrap_or_default();
    finalizers.push(FINALIZER.to_owned());
    write(context, app, finalizers).await
}

/// Takes the mark away: the API server then removes the App.
pub async fn release(context: &Context, app: &AppObject) -> Result<(), Error> {
    let mut finalizers = app.metadata.finalizers.clone().unwrap_or_default();
    finalizers.retain(|name| name != FINALIZER);
    match write(context, app, finalizers).await {
        Err(Error::Api { source, .. }) if code(&source) == Some(404) => Ok(()),
        result => result,
    }
}

/// Only if nobody changed the App since we read it: the list is written as a whole.
async fn write(context: &Context, app: &AppObject, finalizers: Vec<String>) -> Result<(), Error> {
    let metadata = json!({ "finalizers": finalizers, "resourceVersion": context.known_version(app) });
    let params = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let patch = Patch::Merge(json!({ "metadata": metadata }));
    let patched = context
        .app_api()
        .patch_metadata(app.name(), &params, &patch)
        .await;
    patched.map(drop).map_err(Error::api("the finalizer"))
}
