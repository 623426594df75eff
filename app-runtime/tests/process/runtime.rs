//! A `slipway-runtime` process of its own for one test.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_kit::wait_until;

pub const DEADLINE: Duration = Duration::from_secs(30);

/// Killed when it is dropped.
pub struct Runtime {
    pub port: u16,
    pub client: Client,
    child: Child,
    folder: TempDir,
}

/// Options every test starts from; `more` is added.
pub fn options(database_uri: &str, more: Value) -> Value {
    let mut options = json!({
        "appId": "notes",
        "masterKey": "master",
        "restAPIKey": "rest",
        "databaseURI": database_uri,
        "host": "127.0.0.1",
        "allowClientClassCreation": true,
    });
    options
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    options
}

impl Runtime {
    /// Starts it on a free port; does not wait for anything.
    pub fn start(options: &Value) -> Self {
        test_kit::install_crypto_provider();
        let mut options = options.clone();
        let port = options
            .get("port")
            .and_then(Value::as_u64)
            .map_or_else(test_kit::free_port, |port| port as u16);
        options["port"] = port.into();
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("settings.json");
        std::fs::write(&settings, options.to_string()).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_slipway-runtime"))
            .args(["serve".as_ref(), "--settings".as_ref(), settings.as_os_str()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Self {
            port,
            client: Client::builder().timeout(DEADLINE).build().unwrap(),
            child,
            folder,
        }
    }

    /// Replaces its settings file in one step, as supervisors do; `options` without a port keep it.
    pub fn rewrite(&self, options: &Value) -> String {
        let mut options = options.clone();
        if options.get("port").is_none() {
            options["port"] = self.port.into();
        }
        self.replace_file(&options.to_string());
        app_runtime::settings::document_hash(options.to_string().as_bytes())
    }

    pub fn replace_file(&self, content: &str) {
        let draft = self.folder.path().join("settings.new");
        std::fs::write(&draft, content).unwrap();
        std::fs::rename(draft, self.settings_file()).unwrap();
    }

    pub fn settings_file(&self) -> PathBuf {
        self.folder.path().join("settings.json")
    }

    /// Starts it and waits until it is ready.
    pub async fn ready(options: &Value) -> Self {
        let runtime = Self::start(options);
        runtime.until_health(StatusCode::OK).await;
        runtime
    }

    pub async fn until_health(&self, status: StatusCode) {
        wait_until(DEADLINE, "the health check answers as expected", async || {
            self.health()
                .await
                .is_some_and(|response| response.status() == status)
        })
        .await;
    }

    pub async fn health(&self) -> Option<Response> {
        self.client.get(self.url("/health")).send().await.ok()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/parse{path}", self.port)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        with_keys(self.client.post(self.url(path)))
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        with_keys(self.client.get(self.url(path)))
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// The most memory it has ever had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        kibibytes * 1024
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut status = ExitStatus::from_raw(0);
        wait_until(DEADLINE, "the process ends", async || {
            match self.child.try_wait().unwrap() {
                Some(ended) => {
                    status = ended;
                    true
                }
                None => false,
            }
        })
        .await;
        status
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(PathBuf::from(self.folder.path()).join("log")).unwrap()
    }
}

fn with_keys(request: RequestBuilder) -> RequestBuilder {
    request
        .header("X-Parse-Application-Id", "notes")
        .header("X-Parse-REST-API-Key", "rest")
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
