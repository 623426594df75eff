//! The resource itself: names, columns, and the rules over more than one field.

use ids::AppId;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::{AppStatus, Engine, FunctionBundle, Limits, Region, Replicas, Suspension};

/// What the control plane wants of one app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CustomResource, KubeSchema)]
#[kube(
    group = "apps.slipway.dev",
    version = "v1alpha1",
    kind = "App",
    namespaced,
    doc = "One tenant: its own namespace, database and runtime processes.",
    status = "AppStatus",
    derive = "PartialEq",
    shortname = "sapp",
    category = "slipway",
    selectable = ".spec.region",
    scale(
        spec_replicas_path = ".spec.replicas.min",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Region", type_ = "string", json_path = ".spec.region"),
    printcolumn(name = "Engine", type_ = "string", json_path = ".spec.engine"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Ready")].status"#
    ),
    printcolumn(
        name = "Suspended",
        type_ = "string",
        json_path = r#".status.conditions[?(@.type=="Suspended")].status"#
    ),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Reason",
        type_ = "string",
        priority = 1,
        json_path = r#".status.conditions[?(@.type=="Ready")].reason"#
    ),
    printcolumn(name = "Namespace", type_ = "string", priority = 1, json_path = ".status.namespace"),
    validation = Rule::new("self.metadata.name == self.spec.appId.replace('_', '-')")
        .message("an App is named after its appId, with a hyphen instead of the underscore"),
    cel
)]
#[x_kube(
    validation = Rule::new(
        "self.engine != 'dev' || (self.replicas.min <= 1 && (!has(self.replicas.max) || self.replicas.max <= 1))"
    )
    .message("the dev engine runs one replica; choose a larger engine to run more")
)]
#[serde(rename_all = "camelCase")]
pub struct AppSpec {
    /// The app's id in the control plane; names the tenant's namespace.
    #[schemars(
        with = "String",
        length(max = 30),
        regex(pattern = "^app_[0-7][0-9a-hjkmnp-tv-z]{25}$")
    )]
    #[x_kube(validation = Rule::new("self == oldSelf").message("appId is immutable").reason(Reason::FieldValueForbidden))]
    pub app_id: AppId,

    /// Where the app and all its data live.
    #[x_kube(validation = Rule::new("self == oldSelf").message("region is immutable").reason(Reason::FieldValueForbidden))]
    pub region: Region,

    /// The size of one replica.
    #[serde(default)]
    pub engine: Engine,

    /// How many replicas run.
    #[serde(default)]
    pub replicas: Replicas,

    /// The release of the app runtime, as an image tag.
    #[schemars(length(min = 1, max = 128), regex(pattern = "^[A-Za-z0-9_][A-Za-z0-9._-]*$"))]
    pub runtime_version: String,

    /// The app's own code; none until the first deployment. Reserved for the release that runs functions: stored and not used
    /// by this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "FunctionBundle")]
    pub functions: Option<FunctionBundle>,

    /// Host names the app answers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 253)))]
    #[x_kube(
        merge_strategy = ListMerge::Set,
        validation = Rule::new(
            r"self.all(host, host.matches('^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$'))"
        )
        .message("a host is a lower-case DNS name such as api.example.com, without scheme, port or path")
    )]
    pub hosts: Vec<String>,

    /// What the runtime allows the app's clients.
    #[serde(default)]
    pub limits: Limits,

    /// SHA-256, in hexadecimal, of `settings.json` in the Secret of the same name: a change of it rolls the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "String",
        length(min = 64, max = 64),
        regex(pattern = "^[0-9a-f]{64}$")
    )]
    pub settings_hash: Option<String>,

    /// Set while the app must not serve: data and secrets stay, processes go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Suspension")]
    pub suspended: Option<Suspension>,
}
