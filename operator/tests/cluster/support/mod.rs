//! One test's part of the cluster: a control namespace, database clusters, and operators that start and die as it says.

mod apps;
mod deaths;
mod faults;
mod kubelet;
mod proxy;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ListParams, PostParams};
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde_json::json;
use slipway_operator::config::Config as Settings;
use slipway_operator::metrics::Metrics;
use slipway_operator::{Operator, OperatorError};
use test_kit::{Kubernetes, MongoDatabase};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use apps::{TestApp, condition, is, reason};
pub use deaths::{at_every_request, strike};
pub use faults::{Fault, Faults, is_work};
pub use proxy::Proxy;

/// How long a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub struct Rig {
    pub client: Client,
    pub namespace: String,
    pub mongo: MongoDatabase,
    /// Settings to lay over the rig's own.
    pub extra: serde_json::Value,
    kubeconfig: std::path::PathBuf,
    folder: tempfile::TempDir,
}

/// A running operator; dropping it kills it where it stands.
pub struct Running {
    pub metrics: Arc<Metrics>,
    pub stop: CancellationToken,
    pub task: JoinHandle<Result<(), OperatorError>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Rig {
    /// A part of the cluster that all tests share.
    pub async fn new() -> Self {
        static DEFINED: OnceCell<()> = OnceCell::const_new();
        let cluster = tokio::task::spawn_blocking(test_kit::kubernetes).await.unwrap();
        let rig = Self::on(cluster).await;
        DEFINED.get_or_init(|| define(&rig.client)).await;
        rig
    }

    /// All of a cluster of the test's own, for tests that stop its API server or change what an App is.
    pub async fn with_own_cluster() -> (Kubernetes, Self) {
        let cluster = tokio::task::spawn_blocking(Kubernetes::start).await.unwrap();
        let rig = Self::on(&cluster).await;
        define(&rig.client).await;
        (cluster, rig)
    }

    /// A part of a cluster of the test's own, where the resource App must still be defined.
    pub async fn on(cluster: &Kubernetes) -> Self {
        let kubeconfig = cluster.kubeconfig();
        let client = Client::try_from(config(&kubeconfig).await).unwrap();
        let namespace = test_kit::unique_name("control").replace('_', "-");
        let wanted: Namespace = serde_json::from_value(json!({ "metadata": { "name": namespace } })).unwrap();
        Api::all(client.clone())
            .create(&PostParams::default(), &wanted)
            .await
            .unwrap();
        let (mongo, folder) = (test_kit::mongo().await, tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("uri"), mongo.uri()).unwrap();
        Self {
            client,
            namespace,
            mongo,
            extra: serde_json::Value::Null,
            kubeconfig,
            folder,
        }
    }

    /// The settings of this rig's operators: one database cluster, `main`, with room for a hundred apps.
    pub fn settings(&self) -> Arc<Settings> {
        let uri = self.folder.path().join("uri");
        let mut settings = json!({
            "region": "eu",
            "namespace": self.namespace,
            "databases": [{ "name": self.cluster(), "uriFile": uri, "capacity": 100, "cidrs": ["203.0.113.0/24"] }],
            "leaderElection": { "enabled": false },
            "listen": { "address": "127.0.0.1", "metricsPort": 0, "suspendedPort": 0 },
        });
        for (key, value) in self.extra.as_object().into_iter().flatten() {
            settings[key] = value.clone();
        }
        // JSON is YAML.
        Arc::new(Settings::from_yaml(&settings.to_string()).unwrap())
    }

    /// Name of the database cluster: of this rig alone, since other rigs' placements are seen too.
    pub fn cluster(&self) -> String {
        format!("db-{}", self.namespace)
    }

    /// Where the database cluster is, from the next operator on.
    pub fn set_database(&self, uri: &str) {
        std::fs::write(self.folder.path().join("uri"), uri).unwrap();
    }

    /// An operator that works.
    pub async fn operator(&self) -> Running {
        let metrics = Arc::new(Metrics::new().unwrap());
        let client = slipway_operator::connect(config(&self.kubeconfig).await, metrics.clone()).unwrap();
        self.start(client, metrics, "operator")
    }

    /// An operator whose requests meet with `faults`.
    pub async fn operator_with(&self, faults: &Faults) -> Running {
        self.named_operator(faults, "operator").await
    }

    /// The same under a name of its own in the election.
    pub async fn named_operator(&self, faults: &Faults, identity: &str) -> Running {
        let mut config = config(&self.kubeconfig).await;
        config.default_retry = false;
        let client = ClientBuilder::try_from(config)
            .unwrap()
            .with_layer(faults)
            .build();
        self.start(client, Arc::new(Metrics::new().unwrap()), identity)
    }

    fn start(&self, client: Client, metrics: Arc<Metrics>, identity: &str) -> Running {
        let stop = CancellationToken::new();
        let (config, identity) = (self.settings(), identity.to_owned());
        let operator = Operator {
            client,
            config,
            metrics: metrics.clone(),
            identity,
        };
        let task = tokio::spawn(operator.run(stop.clone()));
        Running { metrics, stop, task }
    }
}

async fn config(kubeconfig: &std::path::Path) -> Config {
    let file = Kubeconfig::read_from(kubeconfig).unwrap();
    Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
        .await
        .unwrap()
}

/// Defines the resource App and waits until it is served.
pub async fn define(client: &Client) {
    let definitions = Api::<CustomResourceDefinition>::all(client.clone());
    definitions
        .create(&PostParams::default(), &app_crd::crd())
        .await
        .unwrap();
    let apps = Api::<app_crd::App>::all(client.clone());
    test_kit::wait_until(PATIENCE, "the resource App is served", async || {
        apps.list(&ListParams::default()).await.is_ok()
    })
    .await;
}
