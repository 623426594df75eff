//! Last step: writes what was found out, if it differs from what is written, and tells people of the changes.

use app_crd::AppStatus;
use app_crd::names::FIELD_MANAGER;
use kube::Resource;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::app_object::AppObject;
use crate::cache::version_of;
use crate::context::Context;
use crate::error::{Error, code};

/// Writes `status`. An App that has gone meanwhile needs none.
pub async fn update_status(context: &Context, app: &AppObject, status: AppStatus) -> Result<(), Error> {
    let before = context.known_status(app);
    if before == status {
        return Ok(());
    }
    let body = json!({
        "apiVersion": AppObject::api_version(&()),
        "kind": AppObject::kind(&()),
        // The uid keeps the write from an App that was made anew under the same name.
        "metadata": { "name": app.name(), "uid": app.uid() },
        "status": status,
    });
    let params = PatchParams::apply(FIELD_MANAGER).force();
    let answer = match context
        .app_api()
        .patch_status(app.name(), &params, &Patch::Apply(&body))
        .await
    {
        Err(error) if code(&error) == Some(404) => return Ok(()),
        answer => answer.map_err(Error::api("the status"))?,
    };
    context.remember_status(app.uid(), version_of(&answer.metadata), status.clone());
    measure(context, app, &before, &status);
    context
        .events
        .tell(app, &before.conditions, &status.conditions)
        .await;
    Ok(())
}

fn measure(context: &Context, app: &AppObject, before: &AppStatus, after: &AppStatus) {
    let first_ready = is_ready(after) && !is_ready(before) && before.version.is_none();
    let created = app.metadata.creation_timestamp.as_ref().filter(|_| first_ready);
    if let Some(created) = created {
        let took = context.now().0.as_second() - created.0.as_second();
        context.metrics.ready_seconds.observe(took as f64);
    }
}

/// Whether the condition Ready is true.
pub fn is_ready(status: &AppStatus) -> bool {
    let mut conditions = status.conditions.iter();
    conditions.any(|condition| condition.type_ == app_crd::condition::READY && condition.status == "True")
}
