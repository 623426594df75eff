//! The API server that all tests of the binary share, with the definition of App, and `kubectl` for what tests prepare.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use test_kit::{Kubernetes, binaries};

/// A running API server.
pub struct Server(Kubernetes);

impl Server {
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../charts/crds/files/apps.yaml");
        SERVER.get_or_init(|| Self::start(&std::fs::read_to_string(file).unwrap()))
    }

    /// One whose definition lets any spec in, as one of another release might.
    pub fn lenient() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| {
            let mut definition = serde_json::to_value(app_crd::crd()).unwrap();
            let version = &mut definition["spec"]["versions"][0];
            version["schema"]["openAPIV3Schema"] =
                json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
            version["selectableFields"] = Value::Null;
            Self::start(&definition.to_string())
        })
    }

    fn start(definition: &str) -> Self {
        let server = Self(Kubernetes::without_controllers());
        server.kubectl(&["apply", "--server-side", "-f", "-"], definition);
        server.kubectl(&["wait", "--for=condition=Established", "crd", "--all"], "");
        server
    }

    pub fn kubeconfig(&self) -> String {
        self.0.kubeconfig().to_str().unwrap().to_owned()
    }

    pub fn apply(&self, object: &str) {
        self.kubectl(&["apply", "-f", "-"], object);
    }

    pub fn apply_as(&self, manager: &str, object: &str) {
        let manager = format!("--field-manager={manager}");
        self.kubectl(
            &["apply", "--server-side", "--force-conflicts", &manager, "-f", "-"],
            object,
        );
    }

    pub fn patch(&self, namespace: &str, app: &str, patch: &str) {
        self.kubectl(
            &["-n", namespace, "patch", "sapp", app, "--type=merge", "-p", patch],
            "",
        );
    }

    pub fn get(&self, arguments: &[&str]) -> Value {
        let text = self.kubectl(&[arguments, &["-o", "json"]].concat(), "");
        serde_json::from_str(&text).unwrap()
    }

    fn kubectl(&self, arguments: &[&str], input: &str) -> String {
        let mut child = Command::new(binaries::kubernetes("kubectl"))
            .args(["--kubeconfig", &self.kubeconfig()])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "kubectl {arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}
