//! `slipway dev` as the person at the terminal meets it: the real program, databases and runtimes.
#![allow(clippy::unwrap_used)]

mod local_support;

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;

use control_plane::regions::local::process::find_by_arguments;
use local_support::api::{Person, client};
use local_support::{Folder, PATIENCE, is_running, runtime};
use rustix::process::{Pid, Signal, kill_process};

/// A running `slipway dev`.
struct Dev {
    process: Child,
    base: String,
}

/// Ports for the apps of one data folder: the same at every start of it, and no other test's. A stopped app's port
/// is free to all, and these tests run side by side. Below the ports the system hands to outgoing connections.
fn port_range(folder: &Path) -> String {
    static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut folders = FOLDERS.lock().unwrap();
    let position = folders
        .iter()
        .position(|known| known == folder)
        .unwrap_or_else(|| {
            folders.push(folder.to_owned());
            folders.len() - 1
        });
    let first = 26_000 + 50 * position;
    format!("{first}-{}", first + 49)
}

fn command(folder: &Path, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command
        .arg("dev")
        .env("SLIPWAY_DATA_DIR", folder)
        .env("SLIPWAY_PORT", port.to_string());
    // The free port of this test stands for all; apps take theirs from the range.
    command
        .env("SLIPWAY_RUNTIME", runtime())
        .env("SLIPWAY_LOCAL__PORT_RANGE", port_range(folder));
    command.stdin(Stdio::null());
    command
}

impl Dev {
    fn launch(folder: &Path, port: u16) -> Self {
        let output = File::create(folder.with_extension("out")).unwrap();
        let mut command = command(folder, port);
        command.stdout(output.try_clone().unwrap()).stderr(output);
        Self {
            process: command.spawn().unwrap(),
            base: format!("http://127.0.0.1:{port}"),
        }
    }

    async fn start(folder: &Path, port: u16) -> Self {
        let dev = Self::launch(folder, port);
        let client = client();
        test_kit::wait_until(2 * PATIENCE, "slipway dev is ready", async || {
            let answer = client.get(format!("{}/readyz", dev.base)).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        dev
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        test_kit::wait_until(2 * PATIENCE, "slipway dev has ended", async || {
            status = self.process.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

fn said(folder: &Path) -> String {
    std::fs::read_to_string(folder.with_extension("out")).unwrap()
}

/// The first lines of all pid files below the data folder.
fn pids(folder: &Path) -> Vec<i32> {
    let apps = std::fs::read_dir(folder.join("apps"))
        .unwrap()
        .map(|app| app.unwrap().path().join("runtime.pid"));
    let servers = ["postgres", "mongo"].map(|name| folder.join("run").join(format!("{name}.pid")));
    let texts = servers
        .into_iter()
        .chain(apps)
        .filter_map(|file| std::fs::read_to_string(file).ok());
    texts
        .map(|text| text.lines().next().unwrap().parse().unwrap())
        .collect()
}

/// What it prints when it refuses to start.
fn refusal(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn ctrl_c_leaves_nothing_behind_and_the_next_start_finds_everything() {
    let folder = Folder::new();
    let port = test_kit::free_port();
    let mut dev = Dev::start(folder.path(), port).await;
    let id = Person::sign_up(&dev.base).await.create_app("Notes").await;
    let before = Person::log_in(&dev.base).await.until_status(&id, "ready").await;
    let running = pids(folder.path());
    assert_eq!(running.len(), 3);

    dev.signal(Signal::INT);
    assert!(dev.ended().await.success(), "{}", said(folder.path()));
    assert!(!running.into_iter().any(is_running));
    assert!(pids(folder.path()).is_empty() && !folder.path().join("lock").exists());
    for part in ["PostgreSQL", "MongoDB", "the apps", "the control plane"] {
        assert!(said(folder.path()).contains(&format!("Stopping {part}")));
    }

    let mut dev = Dev::start(folder.path(), port).await;
    let person = Person::log_in(&dev.base).await;
    let url = before["url"].as_str().unwrap();
    test_kit::wait_until(PATIENCE, "the app answers on its old address", async || {
        client()
            .get(format!("{url}/health"))
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    assert_eq!(person.until_status(&id, "ready").await["url"], before["url"]);
    dev.signal(Signal::TERM);
    assert!(dev.ended().await.success());
}

#[tokio::test]
async fn killed_control_plane_leaves_everything_serving_and_is_succeeded() {
    let folder = Folder::new();
    let port = test_kit::free_port();
    let mut dev = Dev::start(folder.path(), port).await;
    let person = Person::sign_up(&dev.base).await;
    let id = person.create_app("Notes").await;
    let url = person.until_status(&id, "ready").await["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let running = pids(folder.path());
    dev.process.kill().unwrap();
    dev.process.wait().unwrap();

    assert!(running.iter().copied().all(is_running));
    assert!(
        client()
            .get(format!("{url}/health"))
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let mut dev = Dev::start(folder.path(), port).await;
    assert_eq!(said(folder.path()).matches("was still running").count(), 2);
    assert_eq!(pids(folder.path()), running);
    Person::log_in(&dev.base).await.until_status(&id, "ready").await;
    assert_eq!(pids(folder.path()), running);
    dev.signal(Signal::INT);
    assert!(dev.ended().await.success());
    assert!(!running.into_iter().any(is_running));
}

#[tokio::test]
async fn second_start_on_the_same_folder_names_the_first() {
    let folder = Folder::new();
    let mut dev = Dev::start(folder.path(), test_kit::free_port()).await;
    let sentence = refusal(command(folder.path(), test_kit::free_port()));
    assert!(
        sentence.contains(&format!("process {}", dev.process.id())),
        "{sentence}"
    );
    dev.signal(Signal::INT);
    assert!(dev.ended().await.success());
}

#[tokio::test]
async fn second_ctrl_c_ends_everything_at_once() {
    let folder = Folder::new();
    let mut dev = Dev::start(folder.path(), test_kit::free_port()).await;
    let running = pids(folder.path());
    dev.signal(Signal::INT);
    dev.signal(Signal::INT);
    dev.ended().await;
    test_kit::wait_until(PATIENCE, "nothing is left", async || {
        !running.iter().copied().any(is_running)
    })
    .await;
    assert!(!folder.path().join("lock").exists());
}

#[tokio::test]
async fn ctrl_c_while_the_database_is_being_made_leaves_nothing_running() {
    let folder = Folder::new();
    let mut dev = Dev::launch(folder.path(), test_kit::free_port());
    test_kit::wait_until(PATIENCE, "initdb is at work", async || {
        folder.path().join("postgres/data.new/base").exists()
    })
    .await;
    dev.signal(Signal::INT);
    assert!(dev.ended().await.success(), "{}", said(folder.path()));
    assert!(!folder.path().join("postgres/data").exists());
    let draft = folder.path().join("postgres/data.new").display().to_string();
    assert_eq!(find_by_arguments(&["--pgdata", &draft]), None);
    // Whoever still wrote there would make this fail now and then.
    std::fs::remove_dir_all(draft).unwrap();
}

#[test]
fn taken_port_is_refused_before_anything_starts() {
    let folder = Folder::new();
    let stranger = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = stranger.local_addr().unwrap().port();
    let sentence = refusal(command(folder.path(), port));
    assert!(
        sentence.contains(&port.to_string()) && sentence.contains("SLIPWAY_PORT"),
        "{sentence}"
    );
    assert!(pids(folder.path()).is_empty() && !folder.path().join("lock").exists());
}

#[test]
fn folder_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("version"), "99\n").unwrap();
    let sentence = refusal(command(folder.path(), test_kit::free_port()));
    assert!(
        sentence.contains("layout version 99") && sentence.contains("SLIPWAY_DATA_DIR"),
        "{sentence}"
    );
}

#[test]
fn missing_program_is_named_with_how_to_get_it() {
    let folder = Folder::new();
    let mut command = command(folder.path(), test_kit::free_port());
    command.env("SLIPWAY_MONGOD", "/nowhere/mongod");
    let sentence = refusal(command);
    assert!(
        sentence.contains("mongod") && sentence.contains("SLIPWAY_MONGOD"),
        "{sentence}"
    );
}
