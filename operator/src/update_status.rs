//! Last step: writes what was found out, if it differs from what is written, and tells people of the changes.

use app_crd::AppStatus;
use app_crd::names::FIELD_MANAGER;
use kube::Resource;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::app_object::AppObject;
use crate::cache::version_of;
use crate::context::Context;
use crate::error::{Error, code};

/// Fields of a status that are left out when there is nothing to say.
const MAY_BE_ABSENT: [&str; 8] = [
    "conditions",
    "observedGeneration",
    "url",
    "namespace",
    "version",
    "selector",
    "database",
    "teardown",
];

/// Writes `status`. An App that has gone meanwhile needs none.
pub async fn update_status(context: &Context, app: &AppObject, status: AppStatus) -> Result<(), Error> {
    let before = context.known_status(app);
    if before == status {
        return Ok(());
    }
    let (params, patch) = write(app, &status);
    let answer = match context.app_api().patch_status(app.name(), &params, &patch).await {
        Err(error) if code(&error) == Some(404) => return Ok(()),
        answer => answer.map_err(Error::api("the status"))?,
    };
    context.remember_status(app.uid(), version_of(&answer.metadata), status.clone());
    // Something has changed: the next failure is the first in a row again.
    context.backoffs.reset(app.name());
    measure(context, app, &before, &status);
    context
        .events
        .tell(app, &before.conditions, &status.conditions)
        .await;
    Ok(())
}

/// By apply, so that what is left out goes. The API server cannot apply to an App whose spec it cannot read any more; there
/// a merge says the same, with nulls.
fn write(app: &AppObject, status: &AppStatus) -> (PatchParams, Patch<Value>) {
    // The uid keeps the write from an App that was made anew under the same name.
    let mut body = json!({ "metadata": { "name": app.name(), "uid": app.uid() }, "status": status });
    if app.spec.is_err() {
        for key in MAY_BE_ABSENT
            .into_iter()
            .filter(|key| body["status"].get(key).is_none())
            .collect::<Vec<_>>()
        {
            body["status"][key] = Value::Null;
        }
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        return (params, Patch::Merge(body));
    }
    body["apiVersion"] = AppObject::api_version(&()).into();
    body["kind"] = AppObject::kind(&()).into();
    (PatchParams::apply(FIELD_MANAGER).force(), Patch::Apply(body))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_may_be_absent_is_nulled_in_a_merge() {
        let app: AppObject =
            serde_json::from_value(json!({ "metadata": { "name": "a" }, "spec": "none" })).unwrap();
        let (_, patch) = write(&app, &AppStatus::default());
        let Patch::Merge(body) = patch else {
            panic!("not a merge")
        };
        let properties = serde_json::to_value(app_crd::crd()).unwrap();
        let properties = properties["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"].clone();
        for key in properties.as_object().unwrap().keys() {
            assert!(body["status"].get(key).is_some(), "{key} would stay as it was");
        }
    }
}
