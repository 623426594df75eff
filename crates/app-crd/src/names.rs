//! Names that the operator, the control plane, the charts and `kubectl slipway` agree on.

/// Objects of a tenant and their labels carry this manager.
pub const MANAGER: &str = "slipway-operator";

/// Field manager of the operator's server-side apply.
pub const FIELD_MANAGER: &str = MANAGER;

/// Field manager of `spec.replicas` while an autoscaler changes it: without a second owner, leaving the field out of our own
/// apply would set it back to one.
pub const SCALE_MANAGER: &str = "slipway-operator-scale";

/// Holds an App back until its teardown is complete.
pub const FINALIZER: &str = "apps.slipway.dev/teardown";

/// Name of the Deployment, Service, Ingress, autoscaler, disruption budget, service account and settings of a tenant.
pub const RUNTIME: &str = "runtime";

/// Name of the Secret with the password of a tenant's database user.
pub const DATABASE_SECRET: &str = "database";

/// Name of the ResourceQuota and the LimitRange of a tenant.
pub const TENANT: &str = "tenant";

/// Key of the settings document in the control plane's Secret and in the tenant's.
pub const SETTINGS_KEY: &str = "settings.json";

/// Label keys on everything the operator makes.
pub mod label {
    /// Always [`super::MANAGER`].
    pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
    /// Name of the App.
    pub const APP: &str = "apps.slipway.dev/app";
    /// Region of the App.
    pub const REGION: &str = "apps.slipway.dev/region";
}

/// Annotation keys.
pub mod annotation {
    /// On a tenant's namespace: the uid of the App it belongs to. A namespace with another uid is not ours.
    pub const APP_UID: &str = "apps.slipway.dev/app-uid";
    /// On an App: `paused` keeps the operator's hands off its objects.
    pub const RECONCILE: &str = "apps.slipway.dev/reconcile";
    /// The value of [`RECONCILE`] that pauses.
    pub const PAUSED: &str = "paused";
    /// On an App: any new value replaces all its pods, one after the other.
    pub const RESTARTED_AT: &str = "apps.slipway.dev/restarted-at";
    /// On an App: why somebody of operations has suspended it. The control plane, which owns the spec, never touches it, so an
    /// app stays suspended while it has this, whatever its spec says.
    pub const SUSPENDED_BY_OPS: &str = "apps.slipway.dev/suspended-by-ops";
    /// On a pod: which settings it was started with.
    pub const SETTINGS_HASH: &str = "apps.slipway.dev/settings-hash";
}

/// The tenant's namespace, `app-<bare id>`: also the name of its App.
pub fn namespace(app: &ids::AppId) -> String {
    format!("app-{}", app.bare())
}

/// The tenant's database and its user, `app_<bare id>`.
pub fn database(app: &ids::AppId) -> String {
    format!("app_{}", app.bare())
}

const SUSPENDED_INGRESS: &str = "-suspended";

/// The Ingress in the control namespace that answers for a suspended App.
pub fn suspended_ingress(app_name: &str) -> String {
    format!("{app_name}{SUSPENDED_INGRESS}")
}

/// The name of the App for which an Ingress of this name answers; the reverse of [`suspended_ingress`].
pub fn app_of_suspended_ingress(name: &str) -> Option<&str> {
    name.strip_suffix(SUSPENDED_INGRESS)
}
