//! Measures the operator with many Apps: `tests/load/run fleet`, or this program with their number.
//!
//! A real API server and a real MongoDB, one operator in a process of its own, and a stand-in for the nodes that marks
//! every Deployment as available. Prints the time until all Apps are Ready, the operator's memory, and the requests it
//! makes in a minute in which nothing happens.
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails has nobody to recover for"
)]

mod metrics;
mod nodes;

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use app_crd::{App, names};
use clap::Parser;
use futures_util::{StreamExt, stream};
use ids::{AppId, SystemIds};
use k8s_openapi::api::core::v1::{Namespace, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Config};
use serde_json::json;
use test_kit::{Kubernetes, free_port};

use metrics::{all_requests, memory, requests, wait_for_leader};

const NAMESPACE: &str = "slipway-apps";
const CLIENTS: usize = 16;
/// No fleet takes as long as this in which not one more App becomes Ready.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() {
    telemetry::install_crypto_provider();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("operator") => operate(Path::new(&arguments[1])).await,
        count => measure(count.and_then(|count| count.parse().ok()).unwrap_or(1000)).await,
    }
}

/// The operator's process.
async fn operate(config: &Path) {
    let cli = slipway_operator::cli::Cli::parse_from([
        "slipway-operator",
        "run",
        "--config",
        config.to_str().unwrap(),
    ]);
    slipway_operator::run(&cli, &mut std::io::stdout()).await.unwrap();
}

async fn measure(count: usize) {
    let cluster = tokio::task::spawn_blocking(Kubernetes::without_controllers)
        .await
        .unwrap();
    let (mongo, folder) = (test_kit::mongo().await, tempfile::tempdir().unwrap());
    let client = client(&cluster.kubeconfig()).await;
    prepare(&client).await;
    let port = free_port();
    let operator = start(&cluster, folder.path(), mongo.uri(), port);
    let nodes = tokio::spawn(nodes::play(client.clone()));
    wait_for_leader(port).await;
    let idle = memory(&operator.0);

    let begin = Instant::now();
    create(&client, count).await;
    println!(
        "{count} Apps created             {:>8.1} s",
        begin.elapsed().as_secs_f64()
    );
    all_ready(&client, count).await;
    println!(
        "{count} Apps Ready               {:>8.1} s",
        begin.elapsed().as_secs_f64()
    );
    println!("requests for that           {:>8}", requests(port).await);
    println!(
        "operator's memory           {:>8.1} MiB, {idle:.1} MiB without Apps",
        memory(&operator.0)
    );

    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = (requests(port).await, all_requests(port).await);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let after = (requests(port).await, all_requests(port).await);
    println!(
        "requests a minute at rest   {:>8}, {} with watches and the lease",
        after.0 - before.0,
        after.1 - before.1
    );
    println!("memory at rest              {:>8.1} MiB", memory(&operator.0));
    nodes.abort();
}

/// The operator's process, which ends with the measurement, however that does.
struct Operator(Child);

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn client(kubeconfig: &Path) -> Client {
    let file = Kubeconfig::read_from(kubeconfig).unwrap();
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
        .await
        .unwrap();
    Client::try_from(config).unwrap()
}

async fn prepare(client: &Client) {
    let (params, definitions) = (
        PostParams::default(),
        Api::<CustomResourceDefinition>::all(client.clone()),
    );
    definitions.create(&params, &app_crd::crd()).await.unwrap();
    let namespace: Namespace = serde_json::from_value(json!({ "metadata": { "name": NAMESPACE } })).unwrap();
    Api::all(client.clone())
        .create(&params, &namespace)
        .await
        .unwrap();
    let apps = Api::<App>::all(client.clone());
    test_kit::wait_until(
        Duration::from_secs(60),
        "the resource App is served",
        async || apps.list(&ListParams::default()).await.is_ok(),
    )
    .await;
}

fn start(cluster: &Kubernetes, folder: &Path, uri: &str, metrics: u16) -> Operator {
    std::fs::write(folder.join("uri"), uri).unwrap();
    let config = json!({
        "region": "eu",
        "namespace": NAMESPACE,
        "databases": [{ "name": "main", "uriFile": folder.join("uri"), "capacity": 100_000, "cidrs": ["203.0.113.0/24"] }],
        "listen": { "address": "127.0.0.1", "metricsPort": metrics, "suspendedPort": free_port() },
        "telemetry": { "filter": "warn" },
    });
    std::fs::write(folder.join("config.yaml"), config.to_string()).unwrap();
    let mut operator = Command::new(std::env::current_exe().unwrap());
    operator
        .arg("operator")
        .arg(folder.join("config.yaml"))
        .env("KUBECONFIG", cluster.kubeconfig());
    Operator(operator.spawn().unwrap())
}

async fn create(client: &Client, count: usize) {
    stream::iter(0..count)
        .for_each_concurrent(CLIENTS, |number| create_one(client, number))
        .await;
}

async fn create_one(client: &Client, number: usize) {
    let id = AppId::new(&SystemIds);
    let name = names::namespace(&id);
    let settings = json!({ "appId": format!("app-{number}"), "masterKey": "m" }).to_string();
    let secret: Secret = serde_json::from_value(json!({
        "metadata": { "name": name }, "type": "Opaque", "stringData": { "settings.json": settings },
    }))
    .unwrap();
    let app: App = serde_json::from_value(json!({
        "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App", "metadata": { "name": name },
        "spec": { "appId": id.as_str(), "region": "eu", "runtimeVersion": "1", "hosts": [format!("a{number}.example.com")] },
    }))
    .unwrap();
    let params = PostParams::default();
    Api::namespaced(client.clone(), NAMESPACE)
        .create(&params, &secret)
        .await
        .unwrap();
    Api::namespaced(client.clone(), NAMESPACE)
        .create(&params, &app)
        .await
        .unwrap();
}

async fn all_ready(client: &Client, count: usize) {
    let apps = watcher(
        Api::<App>::namespaced(client.clone(), NAMESPACE),
        watcher::Config::default(),
    );
    let mut apps = std::pin::pin!(apps.default_backoff().applied_objects());
    let (mut ready, mut news) = (HashSet::new(), Instant::now());
    while ready.len() < count {
        let rest = PATIENCE.saturating_sub(news.elapsed());
        let Ok(next) = tokio::time::timeout(rest, apps.next()).await else {
            panic!(
                "{} of {count} Apps are Ready, and no other became so in {PATIENCE:?}",
                ready.len()
            );
        };
        if let Some(Ok(app)) = next
            && is_ready(&app)
            && ready.insert(app.metadata.name)
        {
            news = Instant::now();
        }
    }
}

fn is_ready(app: &App) -> bool {
    let conditions = app.status.iter().flat_map(|status| &status.conditions);
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
