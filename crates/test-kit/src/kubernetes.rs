//! A Kubernetes API without nodes: etcd, the API server, and the controllers that make pods of Deployments and empty
//! namespaces that are deleted. Nobody runs the pods: a test says of a pod that it is ready.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::keeper::Keeper;
use crate::{binaries, free_port, unique_name};

/// What the tests of the operator need, and no more: each controller costs the machine something.
const CONTROLLERS: &str = "deployment-controller,replicaset-controller,namespace-controller,\
    garbage-collector-controller,resourcequota-controller,serviceaccount-controller";

/// A running cluster; ends with the test binary, or when it is dropped.
pub struct Kubernetes {
    port: u16,
    folder: PathBuf,
    etcd: String,
    server: Option<Keeper>,
    _others: Vec<Keeper>,
}

/// The cluster that all tests of this binary share.
///
/// # Panics
/// When the programs are missing, with the command that builds them; when they do not start, with their log.
pub fn kubernetes() -> &'static Kubernetes {
    static SHARED: OnceLock<Kubernetes> = OnceLock::new();
    SHARED.get_or_init(Kubernetes::start)
}

impl Kubernetes {
    /// A cluster of the caller's own, for tests that stop its API server.
    pub fn start() -> Self {
        let mut cluster = Self::without_controllers();
        let controllers = cluster.start_controllers();
        cluster._others.push(controllers);
        cluster
    }

    /// Only etcd and the API server: nothing happens that the caller does not do.
    pub fn without_controllers() -> Self {
        crate::install_crypto_provider();
        let (port, folder) = (free_port(), folder("kubernetes"));
        let (etcd, store) = start_etcd();
        write_credentials(&folder, port);
        let mut cluster = Self {
            port,
            folder,
            etcd,
            server: None,
            _others: vec![store],
        };
        cluster.start_server();
        cluster
    }

    /// Full access for `kubectl` and for clients.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// Ends the API server at once, as a crash does. The data stay.
    pub fn stop_server(&mut self) {
        self.server = None;
    }

    /// Starts the API server at its port again, and waits until it is ready.
    pub fn start_server(&mut self) {
        let keeper = Keeper::start(folder("apiserver"), "KILL", &os(&self.server_command()));
        let kubectl = binaries::kubernetes("kubectl");
        keeper.wait_until_ready(|| is_ready(&kubectl, &self.kubeconfig()));
        self.server = Some(keeper);
    }

    fn server_command(&self) -> Vec<String> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let mut command = vec![binaries::kubernetes("kube-apiserver").display().to_string()];
        let flags = [
            ("etcd-servers", self.etcd.clone()),
            ("bind-address", "127.0.0.1".to_owned()),
            ("advertise-address", "127.0.0.1".to_owned()),
            ("secure-port", self.port.to_string()),
            ("cert-dir", file("certificates")),
            ("token-auth-file", file("tokens")),
            ("authorization-mode", "RBAC".to_owned()),
            ("endpoint-reconciler-type", "none".to_owned()),
            ("service-cluster-ip-range", "10.96.0.0/16".to_owned()),
            (
                "service-account-issuer",
                "https://kubernetes.default.svc".to_owned(),
            ),
            ("service-account-key-file", file("accounts.key")),
            ("service-account-signing-key-file", file("accounts.key")),
        ];
        command.extend(flags.map(|(flag, value)| format!("--{flag}={value}")));
        command
    }

    fn start_controllers(&self) -> Keeper {
        let command = [
            binaries::kubernetes("kube-controller-manager")
                .display()
                .to_string(),
            format!("--kubeconfig={}", self.kubeconfig().display()),
            format!("--controllers={CONTROLLERS}"),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
            "--kube-api-qps=500".to_owned(),
            "--kube-api-burst=1000".to_owned(),
        ];
        Keeper::start(folder("controllers"), "KILL", &os(&command))
    }
}

impl Drop for Kubernetes {
    fn drop(&mut self) {
        // Best effort: a temporary folder left behind harms nobody.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn start_etcd() -> (String, Keeper) {
    let folder = folder("etcd");
    let (client, peer) = (free_port(), free_port());
    let [client, peer] = [client, peer].map(|port| format!("http://127.0.0.1:{port}"));
    let command = [
        binaries::kubernetes("etcd").display().to_string(),
        format!("--data-dir={}", folder.join("data").display()),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=warn".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
    ];
    let keeper = Keeper::start(folder, "KILL", &os(&command));
    (client, keeper)
}

fn write_credentials(folder: &Path, port: u16) {
    let token = unique_name("token");
    let user = format!("{token},admin,admin,\"system:masters\"\n");
    fs::write(folder.join("tokens"), user).unwrap();
    fs::write(folder.join("kubeconfig"), kubeconfig(port, &token)).unwrap();
    let made = Command::new("openssl")
        .args(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out"])
        .arg(folder.join("accounts.key"))
        .status()
        .expect("openssl was not found: run `make setup`");
    assert!(made.success(), "openssl could not make a key");
}

/// The server makes its own certificate, which nobody signed.
fn kubeconfig(port: u16, token: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: 'https://127.0.0.1:{port}', insecure-skip-tls-verify: true}}}}]
users: [{{name: admin, user: {{token: {token}}}}}]
contexts: [{{name: test, context: {{cluster: test, user: admin}}}}]
current-context: test
"
    )
}

fn is_ready(kubectl: &Path, kubeconfig: &Path) -> bool {
    let mut command = Command::new(kubectl);
    command
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["get", "--raw", "/readyz"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn folder(name: &str) -> PathBuf {
    let prefix = format!("slipway-{name}-");
    tempfile::Builder::new().prefix(&prefix).tempdir().unwrap().keep()
}

fn os(command: &[String]) -> Vec<&OsStr> {
    command.iter().map(OsStr::new).collect()
}
