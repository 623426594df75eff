//! The clusters of two regions, each a real API server without nodes, and a part of them per test: a control namespace
//! that says which region it is, and a road to it that can be cut. The test plays the operator.
#![allow(clippy::unwrap_used, dead_code, unused_imports)]

mod operator;
#[path = "../region_support/mod.rs"]
mod region_support;
mod road;
mod server;

use std::path::PathBuf;

use app_crd::App;
use control_plane::regions::kubernetes::{KubernetesDriver, KubernetesSettings};
use control_plane::regions::{DesiredApp, Region};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};

pub use operator::Operator;
pub use region_support::{PATIENCE, new_app, until};
use road::Road;

/// One test's part of the cluster of a region.
pub struct Cluster {
    pub region: Region,
    pub namespace: String,
    /// Speaks to the API server directly, whether the road is cut or not.
    pub client: Client,
    pub road: Road,
    folder: tempfile::TempDir,
}

impl Cluster {
    /// A new control namespace that says it is `region`'s, in the cluster of that region.
    pub async fn new(region: Region) -> Self {
        let cluster = Self::nameless(region).await;
        cluster.call_it(region.as_str()).await;
        cluster
    }

    /// A new control namespace that does not say whose it is.
    pub async fn nameless(region: Region) -> Self {
        let server = server::of(region).await;
        let namespace = test_kit::unique_name("control").replace('_', "-");
        let wanted = Namespace {
            metadata: named(&namespace),
            ..Namespace::default()
        };
        let namespaces = Api::<Namespace>::all(server.client.clone());
        namespaces.create(&PostParams::default(), &wanted).await.unwrap();
        let (road, folder) = (Road::to(server.port).await, tempfile::tempdir().unwrap());
        let detour = server.kubeconfig_through(road.port());
        std::fs::write(folder.path().join("kubeconfig"), detour).unwrap();
        Self {
            region,
            namespace,
            client: server.client.clone(),
            road,
            folder,
        }
    }

    /// Has the cluster say that it is `region`.
    pub async fn call_it(&self, region: &str) {
        let config = ConfigMap {
            metadata: named("slipway-region"),
            data: Some([("region".to_owned(), region.to_owned())].into()),
            ..ConfigMap::default()
        };
        let configs = Api::<ConfigMap>::namespaced(self.client.clone(), &self.namespace);
        configs.create(&PostParams::default(), &config).await.unwrap();
    }

    /// A kubeconfig that takes the road.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// The settings of the region's driver.
    pub fn settings(&self) -> KubernetesSettings {
        KubernetesSettings {
            region: self.region,
            kubeconfig: Some(self.kubeconfig()),
            context: None,
            namespace: self.namespace.clone(),
            domain: format!("{}.apps.slipway.localhost", self.region),
            scheme: "https".to_owned(),
            public_port: None,
            runtime_version: "0.1.0".to_owned(),
            usage_report_url: "http://slipway.slipway-system/internal/v1/usage".to_owned(),
        }
    }

    pub async fn driver(&self) -> KubernetesDriver {
        KubernetesDriver::new(self.settings()).await.unwrap()
    }

    pub fn operator(&self) -> Operator {
        Operator::new(self.apps())
    }

    pub fn apps(&self) -> Api<App> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The names of all objects the control plane may have made here.
    pub async fn names(&self) -> Vec<String> {
        let (apps, secrets) = (self.apps(), self.secrets());
        let all = kube::api::ListParams::default();
        let apps = apps
            .list(&all)
            .await
            .unwrap()
            .items
            .into_iter()
            .map(|app| app.metadata);
        let secrets = secrets
            .list(&all)
            .await
            .unwrap()
            .items
            .into_iter()
            .map(|one| one.metadata);
        apps.chain(secrets).filter_map(|object| object.name).collect()
    }
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}

/// The name of an app's objects.
pub fn name_of(app: &DesiredApp) -> String {
    app_crd::names::namespace(&app.id)
}
