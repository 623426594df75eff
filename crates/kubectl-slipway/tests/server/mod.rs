//! An API server with the definition of App, shared by all tests of the binary and gone with it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The shell reads from a pipe that only we hold open; its end means that we are gone.
const UNTIL_STDIN_ENDS: &str = r#"
export CLUSTER_DIR=$(mktemp -d)
"$1/tests/cluster/up" api >&2 && echo "$CLUSTER_DIR"
cat >/dev/null
"$1/tests/cluster/down" >&2
rm -rf "$CLUSTER_DIR"
"#;

/// A running API server.
pub struct Server {
    folder: PathBuf,
    kubectl: PathBuf,
    _shell: Child,
}

impl Server {
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        test_kit::install_crypto_provider();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut shell = Command::new("bash")
            .args(["-c", UNTIL_STDIN_ENDS, "server"])
            .arg(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut folder = String::new();
        BufReader::new(shell.stdout.take().unwrap())
            .read_line(&mut folder)
            .unwrap();
        assert!(!folder.is_empty(), "the API server did not start: see above");
        let cache = std::env::var("SLIPWAY_CACHE")
            .unwrap_or_else(|_| format!("{}/.cache/slipway", std::env::var("HOME").unwrap()));
        let server = Self {
            folder: folder.trim().into(),
            kubectl: Path::new(&cache).join("cluster/bin/kubectl"),
            _shell: shell,
        };
        let crd = root.join("charts/crds/files/apps.yaml");
        server.kubectl(&["apply", "--server-side", "-f", crd.to_str().unwrap()], "");
        server.kubectl(&["wait", "--for=condition=Established", "crd", "--all"], "");
        server
    }

    pub fn kubeconfig(&self) -> String {
        self.folder
            .join("run/admin.kubeconfig")
            .to_str()
            .unwrap()
            .to_owned()
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
        let mut child = Command::new(&self.kubectl)
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
