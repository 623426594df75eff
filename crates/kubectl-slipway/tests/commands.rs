//! The commands against a real API server, without nodes: what they show, what they change, and what they never hand out.

#![allow(clippy::unwrap_used)]

mod server;

use clap::Parser;
use kubectl_slipway::cli::Cli;
use kubectl_slipway::{Error, run};
use serde_json::{Value, json};
use server::Server;

const HOST: &str = "shop-x7k2p9.eu.apps.example.com";
const PASSWORD: &str = "correct-horse-battery-staple";

/// An App with its tenant, as an operator would have left it. Each test has its own.
struct Shop {
    server: &'static Server,
    name: String,
    control: String,
}

impl Shop {
    fn new(letter: char) -> Self {
        Self::on(Server::shared(), letter)
    }

    fn on(server: &'static Server, letter: char) -> Self {
        let bare = format!("01k000000000000000000000{letter}a");
        let shop = Self {
            server,
            name: format!("app-{bare}"),
            control: format!("control-{letter}"),
        };
        let (name, control) = (&shop.name, &shop.control);
        shop.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": control}}));
        shop.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        shop.apply(json!({
            "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
            "metadata": {"name": name, "namespace": control},
            "spec": {"appId": format!("app_{bare}"), "region": "eu", "runtimeVersion": "1", "hosts": [HOST]},
        }));
        for secret in ["runtime", "database"] {
            shop.apply(json!({
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret, "namespace": name},
                "stringData": {"settings.json": PASSWORD},
            }));
        }
        shop.apply(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "slipway-operator", "namespace": control},
            "data": {"config.yaml": format!("region: eu\nnamespace: {control}\ndatabases:\n- {{name: eu-1, uriFile: /uri, capacity: 1, cidrs: [10.0.0.1/32]}}\n")},
        }));
        shop
    }

    fn apply(&self, object: Value) {
        self.server.apply(&object.to_string());
    }

    /// Runs a command; gives what it printed.
    async fn command(&self, arguments: &[&str]) -> Result<String, Error> {
        let (text, result) = self.attempt(arguments).await;
        result.map(|()| text)
    }

    /// Runs a command; gives what it printed before it ended, and how it ended.
    async fn attempt(&self, arguments: &[&str]) -> (String, Result<(), Error>) {
        let kubeconfig = self.server.kubeconfig();
        let connection = [
            "kubectl-slipway",
            "--kubeconfig",
            &kubeconfig,
            "-n",
            &self.control,
        ];
        let cli = Cli::try_parse_from(connection.iter().chain(arguments)).unwrap();
        let mut output = Vec::new();
        let result = run(cli, &mut output).await;
        (String::from_utf8(output).unwrap(), result)
    }

    fn annotation(&self, key: &str) -> Option<String> {
        self.annotation_of(&self.name, key)
    }

    fn annotation_of(&self, app: &str, key: &str) -> Option<String> {
        let app = self.server.get(&["-n", &self.control, "get", "sapp", app]);
        app.pointer("/metadata/annotations")?
            .get(key)?
            .as_str()
            .map(str::to_owned)
    }
}

#[tokio::test]
async fn status_finds_an_app_by_its_host_and_lists_what_it_has() {
    let shop = Shop::new('s');
    let all = shop.command(&["status"]).await.unwrap();
    assert!(all.contains(&shop.name) && all.contains("NotSeenYet"), "{all}");
    let one = shop.command(&["status", "shop-x7k2p9"]).await.unwrap();
    for part in [
        "secret/runtime",
        "secret/database",
        &format!("namespace/{}", shop.name),
    ] {
        assert!(one.contains(part), "{part} in {one}");
    }
    assert!(!one.contains(PASSWORD), "{one}");
    let error = shop.command(&["status", "nobody"]).await.unwrap_err().to_string();
    assert!(error.starts_with("no App is called nobody"), "{error}");
}

#[tokio::test]
async fn suspend_and_resume_leave_the_spec_alone() {
    let shop = Shop::new('p');
    let hold = "apps.slipway.dev/suspended-by-ops";
    shop.command(&["suspend", HOST, "--reason", "phishing", "--no-wait"])
        .await
        .unwrap();
    assert_eq!(shop.annotation(hold).as_deref(), Some("phishing"));
    // What the control plane does with its own field manager does not lift it.
    shop.server.apply_as("slipway-control-plane", &json!({
        "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
        "metadata": {"name": shop.name, "namespace": shop.control},
        "spec": {"appId": shop.name.replace('-', "_"), "region": "eu", "runtimeVersion": "2", "hosts": [HOST]},
    }).to_string());
    assert_eq!(shop.annotation(hold).as_deref(), Some("phishing"));
    shop.command(&["resume", HOST, "--no-wait"]).await.unwrap();
    assert_eq!(shop.annotation(hold), None);
    let again = shop.command(&["resume", HOST]).await.unwrap();
    assert!(again.contains("is not suspended"), "{again}");
}

#[tokio::test]
async fn a_suspension_of_the_control_plane_is_not_lifted_by_hand() {
    let shop = Shop::new('c');
    shop.server.patch(
        &shop.control,
        &shop.name,
        r#"{"spec": {"suspended": {"reason": "PaymentOverdue"}}}"#,
    );
    let error = shop.command(&["resume", HOST]).await.unwrap_err().to_string();
    assert!(error.contains("by the control plane (PaymentOverdue)"), "{error}");
}

#[tokio::test]
async fn restart_asks_the_operator_for_new_pods() {
    let shop = Shop::new('r');
    let key = "apps.slipway.dev/restarted-at";
    shop.command(&["restart", HOST, "--no-wait"]).await.unwrap();
    let first = shop.annotation(key).unwrap();
    shop.command(&["restart", HOST, "--no-wait"]).await.unwrap();
    assert_ne!(shop.annotation(key).unwrap(), first);
}

#[tokio::test]
async fn diff_names_what_is_missing_and_what_was_changed() {
    let shop = Shop::new('d');
    shop.apply(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "runtime", "namespace": shop.name},
        "spec": {"ports": [{"port": 12345}]},
    }));
    shop.apply(json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runtime", "namespace": shop.name},
        "automountServiceAccountToken": true,
    }));
    let (text, result) = shop.attempt(&["diff", HOST]).await;
    assert!(matches!(result, Err(Error::Differs)), "{result:?}");
    assert!(
        text.contains("deployment/runtime") && text.contains("is missing"),
        "{text}"
    );
    assert!(
        text.contains("~ automountServiceAccountToken: true → false"),
        "{text}"
    );
    assert!(
        text.contains("service/runtime") && text.contains("would be refused: "),
        "{text}"
    );
    assert!(!text.contains("secret/"), "{text}");
    let account = shop
        .server
        .get(&["-n", &shop.name, "get", "serviceaccount", "runtime"]);
    assert_eq!(
        account["automountServiceAccountToken"], true,
        "a dry run changes nothing"
    );
}

#[tokio::test]
async fn diff_lists_what_others_have_added() {
    let shop = Shop::new('f');
    shop.apply(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "allow-all", "namespace": shop.name},
        "spec": {"podSelector": {}, "ingress": [{}]},
    }));
    shop.apply(json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": "runtime", "namespace": shop.name, "annotations": {"example.com/role": "admin"}},
    }));
    let (text, result) = shop.attempt(&["diff", HOST]).await;
    assert!(matches!(result, Err(Error::Differs)), "{result:?}");
    for part in [
        format!(
            "networkpolicy/allow-all in {}\n  is not the operator's",
            shop.name
        ),
        "+ metadata.annotations[example.com/role] (by kubectl-client-side-apply)".to_owned(),
    ] {
        assert!(text.contains(&part), "{part} in {text}");
    }
}

#[tokio::test]
async fn an_app_that_cannot_be_read_does_not_hide_the_others() {
    let shop = Shop::on(Server::lenient(), 'w');
    let broken = "app-01k000000000000000000000va";
    shop.apply(json!({
        "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
        "metadata": {"name": broken, "namespace": shop.control},
        "spec": {"engine": "enormous"},
    }));
    let all = shop.command(&["status"]).await.unwrap();
    assert!(all.contains(&shop.name) && all.contains(broken), "{all}");
    let one = shop.command(&["status", HOST]).await.unwrap();
    assert!(one.contains("secret/runtime"), "{one}");
    let other = shop.command(&["status", broken]).await.unwrap();
    assert!(other.contains("cannot be read"), "{other}");
}

#[tokio::test]
async fn an_app_that_cannot_be_read_is_found_by_its_host_and_suspended_all_the_same() {
    let shop = Shop::on(Server::lenient(), 'u');
    let (broken, host) = ("app-01k000000000000000000000xa", "broken-x7k2p9");
    shop.apply(json!({
        "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
        "metadata": {"name": broken, "namespace": shop.control},
        "spec": {"engine": "enormous", "hosts": [format!("{host}.eu.apps.example.com")]},
    }));
    let hold = "apps.slipway.dev/suspended-by-ops";
    shop.command(&["suspend", host, "--reason", "phishing", "--no-wait"])
        .await
        .unwrap();
    assert_eq!(shop.annotation_of(broken, hold).as_deref(), Some("phishing"));
    let error = shop.command(&["resume", host]).await.unwrap_err().to_string();
    assert!(error.contains("until its spec is corrected"), "{error}");
    assert_eq!(shop.annotation_of(broken, hold), None);

    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    shop.command(&["report", host, "--output", report.to_str().unwrap()])
        .await
        .unwrap();
    let app = std::fs::read_to_string(report.join("app.yaml")).unwrap();
    assert!(app.contains("engine: enormous"), "{app}");
    for command in ["diff", "restart"] {
        let error = shop.command(&[command, host]).await.unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{command}: {error}");
    }
}

#[tokio::test]
async fn a_pod_without_a_log_does_not_hide_the_logs_of_the_others() {
    let shop = Shop::new('g');
    let account = json!({"name": "default", "namespace": shop.name});
    shop.apply(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account}));
    for pod in ["one", "two"] {
        shop.apply(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod, "namespace": shop.name},
            "spec": {"nodeName": "lost", "containers": [{"name": "main", "image": "none"}]},
        }));
    }
    let (text, result) = shop.attempt(&["logs", HOST]).await;
    assert!(matches!(result, Err(Error::Cluster { .. })), "{result:?}");
    for pod in ["one: (reading the log of one", "two: (reading the log of two"] {
        assert!(text.contains(pod), "{text}");
    }
}

#[tokio::test]
async fn a_report_has_everything_but_secrets() {
    let shop = Shop::new('t');
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    shop.command(&["report", HOST, "--output", report.to_str().unwrap()])
        .await
        .unwrap();
    let files = walk(&report);
    for name in [
        "app.yaml",
        "status.txt",
        "events.yaml",
        "objects/secret-runtime.yaml",
    ] {
        assert!(files.iter().any(|(file, _)| file.ends_with(name)), "{name}");
    }
    // As it is, in base64 and in part.
    for (file, text) in &files {
        for secret in [
            PASSWORD,
            "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ",
            "battery-staple",
        ] {
            assert!(!text.contains(secret), "{} holds {secret}", file.display());
        }
    }
}

fn walk(folder: &std::path::Path) -> Vec<(std::path::PathBuf, String)> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => walk(&path),
            false => vec![(path.clone(), std::fs::read_to_string(&path).unwrap())],
        })
        .collect()
}
