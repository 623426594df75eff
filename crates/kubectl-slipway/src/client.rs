//! The cluster a command works on.

use app_crd::App;
use kube::api::{Api, DynamicObject, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::DeserializeGuard;
use kube::{Client, Config};
use slipway_operator::build::Kind;

use crate::cli::Connection;
use crate::error::Error;

/// A connected cluster.
pub struct Cluster {
    pub client: Client,
    /// The control namespace, when one was given.
    namespace: Option<String>,
}

/// The Apps that were asked for, each by name.
#[derive(Default)]
pub struct Apps {
    pub readable: Vec<App>,
    pub unreadable: Vec<Unreadable>,
}

/// An App whose spec this release does not understand, as after an upgrade of the definitions.
pub struct Unreadable {
    pub name: String,
    pub error: String,
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

    /// All Apps that were asked for. One that cannot be read does not hide the others.
    pub async fn apps(&self) -> Result<Apps, Error> {
        let api: Api<DeserializeGuard<App>> = match &self.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        };
        let found = match api.list(&ListParams::default()).await {
            Ok(found) => found.items,
            Err(kube::Error::Api(status)) if status.code == 404 => return Err(Error::NoDefinition),
            Err(kube::Error::Api(status)) if status.code == 403 && self.namespace.is_none() => {
                let text = format!("{}; name the control namespace with -n", status.message);
                return Err(Error::Refused(text));
            }
            Err(error) => return Err(Error::cluster("listing Apps")(error)),
        };
        let mut apps = Apps::default();
        for DeserializeGuard(app) in found {
            match app {
                Ok(app) => apps.readable.push(app),
                Err(invalid) => apps.unreadable.push(Unreadable {
                    name: invalid.metadata.name.unwrap_or_default(),
                    error: invalid.error,
                }),
            }
        }
        apps.readable
            .sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        apps.unreadable.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(apps)
    }

    /// The Apps of the namespace that `app` is in.
    pub fn apps_beside(&self, app: &App) -> Api<App> {
        Api::namespaced(
            self.client.clone(),
            app.metadata.namespace.as_deref().unwrap_or_default(),
        )
    }

    /// Objects of a kind, without types.
    pub fn objects(&self, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &kind.resource()),
            None => Api::all_with(self.client.clone(), &kind.resource()),
        }
    }
}
