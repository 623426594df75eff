//! Annotations on an App: how people tell the operator something the control plane does not undo.
//!
//! The control plane applies specs with a field manager of its own; annotations it never set are not its business.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use slipway_operator::app_object::AppObject;

use crate::client::Cluster;
use crate::error::Error;

const MANAGER: &str = "kubectl-slipway";

/// Sets an annotation of the App, or removes it. Gives the App as it is then.
pub async fn annotate(
    cluster: &Cluster,
    app: &AppObject,
    key: &str,
    value: Option<&str>,
) -> Result<AppObject, Error> {
    let value = value.map_or(Value::Null, Value::from);
    let patch = json!({"metadata": {"annotations": {key: value}}});
    let params = PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let name = app.name();
    cluster
        .apps_beside(app)
        .patch(name, &params, &Patch::Merge(&patch))
        .await
        .map_err(Error::cluster(format!("changing {name}")))
}
