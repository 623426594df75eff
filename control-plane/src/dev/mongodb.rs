//! The private MongoDB of `slipway dev`: a replica set of one node in `mongo/` of the data folder, with
//! access control on. Both regions of this machine use it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::error::DevError;
use super::folder::DataFolder;
use super::replica_set::{self, ROOT, SET};
use super::secrets::MONGO_KEYFILE;
use super::service::{Service, Supervised};
use super::{port, say};
use crate::regions::local::process::{Launch, PidFile, Signal};

/// Recovery after a crash of the machine may take a while.
const READY_DEADLINE: Duration = Duration::from_secs(120);

/// What is needed to start and to reach it.
#[derive(Clone, Debug)]
pub struct Mongo {
    program: PathBuf,
    password: SecretString,
    pub port: u16,
}

impl Mongo {
    /// Picks its port.
    pub fn prepare(folder: &DataFolder, program: PathBuf, password: &SecretString) -> Result<Self, DevError> {
        let mut mongo = Self {
            program,
            password: password.clone(),
            port: 0,
        };
        let running = mongo.service(folder).left_running().is_some();
        mongo.port = port::of_service(folder, "mongo", running)?;
        Ok(mongo)
    }

    /// How to run it.
    pub fn service(&self, folder: &DataFolder) -> Service {
        let data = folder.path().join("mongo").display().to_string();
        let keyfile = folder.secret(MONGO_KEYFILE).display().to_string();
        let launch = Launch::new(&self.program)
            .args([
                "--dbpath",
                &data,
                "--port",
                &self.port.to_string(),
                "--bind_ip",
                "127.0.0.1",
            ])
            .args([
                "--replSet",
                SET,
                "--keyFile",
                &keyfile,
                "--nounixsocket",
                "--quiet",
            ])
            .args(["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "512"])
            // There is no other node to hand over to, so nothing to wait for at the end.
            .args(["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"])
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"]);
        Service {
            name: "MongoDB",
            launch: launch.folder(folder.path()),
            log: folder.log("mongod"),
            pid_file: PidFile::new(folder.run("mongo.pid")),
            marker: ["--dbpath".to_owned(), data],
            stop: Signal::TERM,
            force: Signal::KILL,
        }
    }

    /// Waits until it takes writes; a new one is made a replica set with an administrator first.
    /// Returns its version.
    pub async fn until_ready(&self, server: &Supervised) -> Result<String, DevError> {
        let port = self.port;
        server
            .until_ready(READY_DEADLINE, async || replica_set::answers(port).await)
            .await?;
        let host = format!("127.0.0.1:{port}");
        let setup = replica_set::establish(port, &host, &self.password);
        Ok(say::patiently("MongoDB is electing itself", setup).await?)
    }

    /// Connection string of its administrator.
    pub fn uri(&self) -> SecretString {
        let password = self.password.expose_secret();
        format!(
            "mongodb://{ROOT}:{password}@127.0.0.1:{}/?authSource=admin&replicaSet={SET}",
            self.port
        )
        .into()
    }
}
