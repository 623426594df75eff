//! The `App` resource, `apps.slipway.dev/v1alpha1`: what the control plane wants of an app, and what the operator made of it.
//!
//! The control plane applies an [`App`] to the control namespace of the app's region; the operator turns it into the
//! namespace `app-<bare id>` with a running backend and writes the [`AppStatus`]. Every rule about a spec is in the schema, as
//! CEL, and so holds for whoever writes it; [`App::validate_cel`] and [`App::validate_cel_update`] check the same rules without a cluster.

mod engine;
pub mod names;
mod parts;
mod spec;
mod status;

pub use engine::Engine;
pub use parts::{FunctionBundle, Limits, Region, Replicas, Suspension, SuspensionReason};
pub use spec::{App, AppSpec};
pub use status::{AppStatus, DatabaseStatus, TeardownStep, TeardownStepStatus, condition};

use kube::CustomResourceExt;

/// The definition to install in a cluster before its operator.
pub fn crd() -> k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition {
    App::crd()
}
