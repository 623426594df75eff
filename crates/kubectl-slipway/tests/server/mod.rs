//! The API server that all tests of the binary share, with the definition of App, and `kubectl` for what tests prepare.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use test_kit::{Kubernetes, binaries};

/// A running API server.
pub struct Server(Kubernetes);

impl Server {
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let server = Self(Kubernetes::without_controllers());
        let crd = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../charts/crds/files/apps.yaml");
        server.kubectl(&["apply", "--server-side", "-f", crd.to_str().unwrap()], "");
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
