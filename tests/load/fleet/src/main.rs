//! Measures the operator with many Apps: `cargo run --release -p operator --example fleet -- 1000`.
//!
//! A real API server and a real MongoDB, one operator in a process of its own, and a stand-in for the nodes that marks
//! every Deployment as available. Prints the time until all Apps are Ready, the operator's memory, and the requests it
//! makes in a minute in which nothing happens.
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails has nobody to recover for"
)]

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use app_crd::{App, names};
use futures_util::{StreamExt, stream};
use ids::{AppId, SystemIds};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, Config};
use serde_json::json;
use test_kit::{Kubernetes, free_port};

const NAMESPACE: &str = "slipway-apps";
const CLIENTS: usize = 16;

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
    use clap::Parser;
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
    let metrics = free_port();
    let mut operator = start(&cluster, folder.path(), mongo.uri(), metrics);
    let nodes = tokio::spawn(stand_in_for_nodes(client.clone()));
    wait_for_leader(metrics).await;
    let idle = memory(&operator);

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
    println!("requests for that           {:>8}", requests(metrics).await);
    println!(
        "operator's memory           {:>8.1} MiB, {idle:.1} MiB without Apps",
        memory(&operator)
    );

    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = (requests(metrics).await, all_requests(metrics).await);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let after = (requests(metrics).await, all_requests(metrics).await);
    println!(
        "requests a minute at rest   {:>8}, {} with watches and the lease",
        after.0 - before.0,
        after.1 - before.1
    );
    println!("memory at rest              {:>8.1} MiB", memory(&operator));
    nodes.abort();
    operator.kill().unwrap();
    operator.wait().unwrap();
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

fn start(cluster: &Kubernetes, folder: &Path, uri: &str, metrics: u16) -> Child {
    std::fs::write(folder.join("uri"), uri).unwrap();
    let config = json!({
        "region": "eu",
        "namespace": NAMESPACE,
        "databases": [{ "name": "main", "uriFile": folder.join("uri"), "capacity": 100_000, "cidrs": ["203.0.113.0/24"] }],
        "listen": { "address": "127.0.0.1", "metricsPort": metrics, "suspendedPort": free_port() },
        "telemetry": { "filter": "warn" },
    });
    std::fs::write(folder.join("config.yaml"), config.to_string()).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .arg("operator")
        .arg(folder.join("config.yaml"))
        .env("KUBECONFIG", cluster.kubeconfig())
        .spawn()
        .unwrap()
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
    let mut ready = HashSet::new();
    while ready.len() < count {
        let Some(Ok(app)) = apps.next().await else {
            continue;
        };
        let conditions = app
            .status
            .as_ref()
            .map(|status| status.conditions.as_slice())
            .unwrap_or_default();
        if conditions
            .iter()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True")
        {
            ready.insert(app.metadata.name);
        }
    }
}

/// Every Deployment is available as soon as it is seen.
async fn stand_in_for_nodes(client: Client) {
    let deployments = watcher(Api::<Deployment>::all(client.clone()), watcher::Config::default());
    deployments
        .default_backoff()
        .applied_objects()
        .for_each_concurrent(CLIENTS, |deployment| {
            let client = client.clone();
            async move {
                if let Ok(deployment) = deployment {
                    make_available(&client, &deployment).await;
                }
            }
        })
        .await;
}

async fn make_available(client: &Client, deployment: &Deployment) {
    let generation = deployment.metadata.generation;
    let observed = deployment
        .status
        .as_ref()
        .and_then(|status| status.observed_generation);
    if observed == generation {
        return;
    }
    let count = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.replicas)
        .unwrap_or(1);
    let status = json!({ "status": {
        "observedGeneration": generation, "replicas": count, "updatedReplicas": count, "readyReplicas": count,
        "availableReplicas": count,
    }});
    let namespace = deployment.metadata.namespace.as_deref().unwrap();
    let api = Api::<Deployment>::namespaced(client.clone(), namespace);
    let name = deployment.metadata.name.as_deref().unwrap();
    api.patch_status(name, &PatchParams::default(), &Patch::Merge(status))
        .await
        .unwrap();
}

async fn wait_for_leader(metrics: u16) {
    test_kit::wait_until(Duration::from_secs(60), "the operator leads", async || {
        scrape(metrics).await.contains("slipway_operator_leader 1")
    })
    .await;
}

/// Requests that are neither watches nor renewals of the lease.
async fn requests(metrics: u16) -> u64 {
    sum(&scrape(metrics).await, |line| {
        !line.contains(r#"verb="watch""#) && !line.contains(r#"verb="lease""#)
    })
}

async fn all_requests(metrics: u16) -> u64 {
    sum(&scrape(metrics).await, |_| true)
}

fn sum(text: &str, counts: impl Fn(&str) -> bool) -> u64 {
    text.lines()
        .filter(|line| line.starts_with("slipway_operator_kubernetes_requests_total") && counts(line))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

/// The text of `/metrics`; empty while nobody answers.
async fn scrape(port: u16) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let read = async {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        std::io::Result::Ok(text)
    };
    read.await.unwrap_or_default()
}

/// Resident memory in MiB.
fn memory(process: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}
