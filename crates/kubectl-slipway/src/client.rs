//! The cluster a command works on.

use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use slipway_operator::app_object::AppObject;
use slipway_operator::build::Kind;

use crate::cli::Connection;
use crate::error::Error;

/// A connected cluster.
pub struct Cluster {
    pub client: Client,
    /// The control namespace, when one was given.
    namespace: Option<String>,
}

impl Cluster {
    pub async fn connect(connection: &Connection) -> Result<Self, Error> {
        let options = KubeConfigOptions {
            context: connection.context.clone(),
            ..KubeConfigOptions::default()
        };
        let config = match &connection.kubeconfig {
            Some(file) => Config::from_custom_kubeconfig(Kubeconfig::read_from(file)?, &options).await?,
            None => Config::from_kubeconfig(&options).await?,
        };
        let client = Client::try_from(config).map_err(Error::cluster("connecting"))?;
        Ok(Self {
            client,
            namespace: connection.namespace.clone(),
        })
    }

    /// All Apps that were asked for, by name; also those whose spec this release does not understand, as after an upgrade of the
    /// definitions.
    pub async fn apps(&self) -> Result<Vec<AppObject>, Error> {
        let api: Api<AppObject> = match &self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        };
        let mut apps = match api.list(&ListParams::default()).await {
            Ok(found) => found.items,
            Err(kube::Error::Api(status)) if status.code == 404 => return Err(Error::NoDefinition),
            Err(kube::Error::Api(status)) if status.code == 403 && self.namespace.is_none() => {
                let text = format!("{}; name the control namespace with -n", status.message);
                return Err(Error::Refused(text));
            }
            Err(error) => return Err(Error::cluster("listing Apps")(error)),
        };
        apps.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(apps)
    }

    /// The Apps of the namespace that `app` is in.
    pub fn apps_beside(&self, app: &AppObject) -> Api<AppObject> {
        Api::namespaced(self.client.clone(), control_of(app))
    }

    /// The same without types, so that nothing is left out of what is stored.
    pub fn stored_apps_beside(&self, app: &AppObject) -> Api<DynamicObject> {
        let resource = ApiResource::erase::<AppObject>(&());
        Api::namespaced_with(self.client.clone(), control_of(app), &resource)
    }

    /// Objects of a kind, without types.
    pub fn objects(&self, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &kind.resource()),
            None => Api::all_with(self.client.clone(), &kind.resource()),
        }
    }
}

/// The control namespace that an App is in.
pub fn control_of(app: &AppObject) -> &str {
    app.metadata.namespace.as_deref().unwrap_or_default()
}
