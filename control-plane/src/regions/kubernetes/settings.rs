//! What the driver needs to know about its cluster, and the addresses of the apps there.

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::config::RegionConfig;
use crate::regions::{DesiredApp, Region, RegionError, runtime_settings};

/// A cluster that does not even accept a connection is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// One region's cluster, as configured.
#[derive(Clone, Debug)]
pub struct KubernetesSettings {
    pub region: Region,
    /// `None`: the account of the pod that this process runs in.
    pub kubeconfig: Option<PathBuf>,
    /// `None`: the kubeconfig's current one.
    pub context: Option<String>,
    /// The control namespace.
    pub namespace: String,
    /// Apps answer at `<application id>.<domain>`.
    pub domain: String,
    /// `https`, or `http` where the cluster's front door speaks only that.
    pub scheme: String,
    /// `None`: the scheme's own.
    pub public_port: Option<u16>,
    /// The release of the runtime that all apps run: an image tag.
    pub runtime_version: String,
    /// Where the cluster's runtimes report usage.
    pub usage_report_url: String,
}

impl KubernetesSettings {
    /// From the section `regions.<id>`, which has been validated.
    pub fn from_config(region: Region, config: &RegionConfig) -> Self {
        let set = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            region,
            kubeconfig: set(&config.kubeconfig).map(PathBuf::from),
            context: set(&config.context),
            namespace: config.namespace.clone(),
            domain: config.domain.clone(),
            scheme: config.scheme.as_str().to_owned(),
            public_port: (config.public_port != 0).then_some(config.public_port),
            runtime_version: config.runtime_version.clone(),
            usage_report_url: config.usage_report_url.clone(),
        }
    }

    /// The host name of an app.
    pub fn host(&self, app: &DesiredApp) -> String {
        format!("{}.{}", app.application_id, self.domain)
    }

    /// Where SDKs reach an app; ends in `/parse`.
    pub fn url(&self, app: &DesiredApp) -> String {
        let port = self
            .public_port
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        format!(
            "{}://{}{port}{}",
            self.scheme,
            self.host(app),
            runtime_settings::MOUNT
        )
    }

    /// A client for the cluster. Nothing is sent yet.
    pub(super) async fn client(&self) -> Result<Client, RegionError> {
        let mut config = self.connection().await?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        Client::try_from(config).map_err(|error| self.unusable(&error))
    }

    async fn connection(&self) -> Result<Config, RegionError> {
        let Some(path) = &self.kubeconfig else {
            return Config::incluster().map_err(|error| self.unusable(&error));
        };
        let file = Kubeconfig::read_from(path).map_err(|error| self.unusable(&error))?;
        let options = KubeConfigOptions {
            context: self.context.clone(),
            ..KubeConfigOptions::default()
        };
        let config = Config::from_custom_kubeconfig(file, &options).await;
        config.map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &(dyn std::error::Error + 'static)) -> RegionError {
        let (region, cause) = (self.region, crate::error::chain(error));
        RegionError::NotReady(match &self.kubeconfig {
            Some(path) => format!(
                "regions.{region}.kubeconfig: {} is of no use: {cause}",
                path.display()
            ),
            None => format!(
                "regions.{region}: there is no account of a pod to use ({cause}); outside of a cluster, set \
                 regions.{region}.kubeconfig"
            ),
        })
    }
}
