//! The API server of each region: started when a test first asks, ended with the test binary.

use control_plane::regions::Region;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use test_kit::Kubernetes;
use tokio::sync::OnceCell;

use super::PATIENCE;

/// A running API server that knows the resource App.
pub struct Server {
    pub port: u16,
    pub client: Client,
    kubeconfig: String,
}

/// The one of `region`.
pub async fn of(region: Region) -> Server {
    static EU: OnceCell<Kubernetes> = OnceCell::const_new();
    static NA: OnceCell<Kubernetes> = OnceCell::const_new();
    let cell = match region {
        Region::Eu => &EU,
        Region::Na => &NA,
    };
    let cluster = cell.get_or_init(start).await;
    let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    Server {
        port: port_of(&kubeconfig),
        // A client belongs to the runtime that made it, and every test has its own.
        client: client(&kubeconfig).await,
        kubeconfig,
    }
}

impl Server {
    /// The kubeconfig, with the server at another port.
    pub fn kubeconfig_through(&self, port: u16) -> String {
        self.kubeconfig
            .replace(&format!("127.0.0.1:{}", self.port), &format!("127.0.0.1:{port}"))
    }
}

async fn start() -> Kubernetes {
    let cluster = tokio::task::spawn_blocking(Kubernetes::without_controllers)
        .await
        .unwrap();
    let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    install_definition(&client(&kubeconfig).await).await;
    cluster
}

async fn client(kubeconfig: &str) -> Client {
    let file = Kubeconfig::from_yaml(kubeconfig).unwrap();
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await;
    Client::try_from(config.unwrap()).unwrap()
}

fn port_of(kubeconfig: &str) -> u16 {
    let rest = kubeconfig.split("https://127.0.0.1:").nth(1).unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

async fn install_definition(client: &Client) {
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
