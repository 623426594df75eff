//! One machine for the tests of the local region driver: a MongoDB with access control that the test
//! binary shares, and a data folder per test. Whatever a test leaves running ends with the test binary.
#![allow(clippy::unwrap_used, dead_code, unused_imports)]

pub mod api;
#[path = "../region_support/mod.rs"]
mod region_support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use control_plane::dev::folder::DataFolder;
use control_plane::dev::mongodb::Mongo;
use control_plane::dev::secrets::DevSecrets;
use control_plane::dev::service::Supervised;
use control_plane::regions::local::{LocalDriver, LocalSettings};
use control_plane::regions::{DesiredApp, Region};
use secrecy::SecretString;
use tokio::sync::OnceCell;

pub use region_support::{PATIENCE, until, until_seeing};

/// A data folder that takes everything down with it: when the test is over, and when it is killed.
pub struct Folder {
    path: PathBuf,
    sweeper: Child,
}

/// Reads from a pipe that only the test holds open; its end means the test is gone.
const SWEEP: &str = r#"
cd "$1" || exit; cat >/dev/null
[ -s lock ] && kill -KILL "$(cat lock)" 2>/dev/null
[ -s run/postgres.pid ] && kill -QUIT "$(head -n 1 run/postgres.pid)" 2>/dev/null
for file in apps/*/runtime.pid run/mongo.pid; do
    [ -s "$file" ] && kill -KILL "$(head -n 1 "$file")" 2>/dev/null
done
cd /; for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$1" "$1.out" 2>/dev/null && exit; sleep 0.2; done
"#;

impl Folder {
    pub fn new() -> Self {
        let path = tempfile::Builder::new()
            .prefix("slipway-local-")
            .tempdir()
            .unwrap()
            .keep();
        // As a home folder is: the user who runs PostgreSQL for root has to get through all the same.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        let sweeper = Command::new("setsid")
            .args(["sh", "-c", SWEEP, "sweeper"])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        Self { path, sweeper }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.sweeper.stdin.take());
        let _ = self.sweeper.wait();
    }
}

struct SharedMongo {
    uri: SecretString,
    _folder: Folder,
}

async fn mongo_uri() -> SecretString {
    static MONGO: OnceCell<SharedMongo> = OnceCell::const_new();
    MONGO.get_or_init(start_mongo).await.uri.clone()
}

async fn start_mongo() -> SharedMongo {
    test_kit::install_crypto_provider();
    let own = Folder::new();
    let folder = DataFolder::open(own.path()).unwrap();
    let secrets = DevSecrets::load(&folder).unwrap();
    let mongo = Mongo::prepare(&folder, test_kit::binaries::mongod(), &secrets.mongo_password).unwrap();
    let server = Supervised::start(mongo.service(&folder)).unwrap();
    mongo.until_ready(&server).await.unwrap();
    SharedMongo {
        uri: mongo.uri(),
        _folder: own,
    }
}

/// A machine with a data folder of its own.
pub struct Machine {
    pub folder: Folder,
    pub settings: LocalSettings,
}

impl Machine {
    pub async fn new() -> Self {
        let folder = Folder::new();
        let settings = LocalSettings {
            data_dir: folder.path().to_owned(),
            mongodb_uri: mongo_uri().await,
            runtime: runtime(),
            port_range: ports(),
            usage_report_url: "http://127.0.0.1:9/internal/v1/usage".to_owned(),
            otlp_endpoint: None,
        };
        Self { folder, settings }
    }

    /// What a control plane that starts now works with.
    pub async fn driver(&self) -> LocalDriver {
        LocalDriver::new(self.settings.clone()).await.unwrap()
    }

    pub fn app_folder(&self, app: &DesiredApp) -> PathBuf {
        self.folder.path().join("apps").join(app.id.as_str())
    }

    /// The pid in the app's pid file, `None` when there is none.
    pub fn pid(&self, app: &DesiredApp) -> Option<i32> {
        let text = std::fs::read_to_string(self.app_folder(app).join("runtime.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }
}

/// Every test machine has its own ports, so that no two tests hand out the same.
fn ports() -> std::ops::RangeInclusive<u16> {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 25_000 + u16::try_from(std::process::id() % 64).unwrap() * 100;
    let first = base + NEXT.fetch_add(1, Ordering::Relaxed) * 6;
    first..=first + 5
}

/// `slipway-runtime`, as cargo builds it beside the tests.
pub fn runtime() -> PathBuf {
    let named = std::env::var_os("SLIPWAY_RUNTIME").map(PathBuf::from);
    let built = named.unwrap_or_else(|| {
        let target = std::env::current_exe().unwrap();
        target.parent().unwrap().parent().unwrap().join("slipway-runtime")
    });
    assert!(
        built.is_file(),
        "{} is missing: run `cargo build -p app-runtime`",
        built.display()
    );
    built
}

/// A new app that should run.
pub fn new_app() -> DesiredApp {
    region_support::new_app(Region::Eu)
}

pub fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

pub fn is_running(pid: i32) -> bool {
    control_plane::regions::local::process::Identity::of(pid).is_ok()
}
