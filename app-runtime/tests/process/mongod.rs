//! A mongod that a test may kill and bring back, unlike the shared one of `test_kit::mongo`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::options::{ClientOptions, ServerAddress};
use tempfile::TempDir;
use test_kit::wait_until;

use crate::runtime::DEADLINE;

pub struct Mongod {
    port: u16,
    folder: TempDir,
    child: Child,
}

impl Mongod {
    /// Starts a one-node replica set on a port of its own and waits until it takes writes.
    pub async fn start() -> Self {
        test_kit::install_crypto_provider();
        let (folder, port) = (tempfile::tempdir().unwrap(), test_kit::free_port());
        let child = spawn(&folder, port);
        let mongod = Self { port, folder, child };
        mongod.until_primary().await;
        mongod
    }

    pub fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/notes?replicaSet=rs0", self.port)
    }

    /// As a power cut: no shutdown, nothing flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn restart(&mut self) {
        self.child = spawn(&self.folder, self.port);
        self.until_primary().await;
    }

    async fn until_primary(&self) {
        wait_until(DEADLINE, "mongod takes writes", async || {
            self.is_primary().await.unwrap_or(false)
        })
        .await;
    }

    async fn is_primary(&self) -> mongodb::error::Result<bool> {
        let address = ServerAddress::Tcp {
            host: "127.0.0.1".to_owned(),
            port: Some(self.port),
        };
        let options = ClientOptions::builder()
            .hosts(vec![address])
            .direct_connection(true)
            .server_selection_timeout(Duration::from_millis(500))
            .build();
        let admin = mongodb::Client::with_options(options)?.database("admin");
        let hello: Document = admin.run_command(doc! { "hello": 1 }).await?;
        if !hello.contains_key("setName") {
            let member = doc! { "_id": 0, "host": format!("127.0.0.1:{}", self.port) };
            let set = doc! { "_id": "rs0", "members": [member] };
            admin.run_command(doc! { "replSetInitiate": set }).await?;
        }
        Ok(hello.get_bool("isWritablePrimary").unwrap_or(false))
    }
}

fn spawn(folder: &TempDir, port: u16) -> Child {
    Command::new(test_kit::binaries::mongod())
        .arg("--dbpath")
        .arg(folder.path())
        .args([
            "--port",
            &port.to_string(),
            "--bind_ip",
            "127.0.0.1",
            "--replSet",
            "rs0",
            "--nounixsocket",
        ])
        .args(["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Drop for Mongod {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
