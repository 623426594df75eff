//! One MongoDB replica set of one node per test binary, one database name per call.

use std::ffi::OsStr;
use std::sync::OnceLock;
use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::{ClientOptions, ServerAddress};
use mongodb::{Client, Database};

use crate::keeper::Keeper;
use crate::{binaries, free_port, install_crypto_provider, janitor, unique_name};

struct Server {
    _keeper: Keeper,
    port: u16,
}

/// A database name of its own on a replica set; the database is dropped together with this handle.
pub struct MongoDatabase {
    uri: String,
    name: String,
    port: u16,
}

/// A fresh, empty database on the MongoDB replica set of this test binary.
pub async fn mongo() -> MongoDatabase {
    install_crypto_provider();
    let server = tokio::task::spawn_blocking(server)
        .await
        .expect("MongoDB could not be started");
    let name = unique_name("test");
    let uri = format!("mongodb://127.0.0.1:{}/{name}?replicaSet=rs0", server.port);
    MongoDatabase {
        uri,
        name,
        port: server.port,
    }
}

impl MongoDatabase {
    /// `mongodb://…/<name>?replicaSet=…`: the connection string with the database in it. No user is needed.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A client's view of this database, to look at what was stored.
    pub async fn database(&self) -> Database {
        Client::with_uri_str(&self.uri)
            .await
            .expect("the test MongoDB refused the connection")
            .database(&self.name)
    }
}

impl Drop for MongoDatabase {
    fn drop(&mut self) {
        let (port, name) = (self.port, self.name.clone());
        janitor::later(async move {
            if let Ok(client) = direct_client(port) {
                let _ = client.database(&name).drop().await;
            }
        });
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let folder = tempfile::Builder::new()
        .prefix("slipway-mongo-")
        .tempdir()
        .unwrap()
        .keep();
    let (mongod, port) = (binaries::mongod(), free_port().to_string());
    let data = folder.clone();
    let mut command = vec![mongod.as_os_str(), OsStr::new("--dbpath"), data.as_os_str()];
    command.extend(
        [
            "--port",
            &port,
            "--bind_ip",
            "127.0.0.1",
            "--replSet",
            "rs0",
            "--nounixsocket",
        ]
        .map(OsStr::new),
    );
    command.extend(["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--quiet"].map(OsStr::new));
    command.extend(["--setParameter", "diagnosticDataCollectionEnabled=false"].map(OsStr::new));

    let keeper = Keeper::start(folder, "KILL", &command);
    let port = port.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    keeper.wait_until_ready(|| runtime.block_on(is_primary(port)).unwrap_or(false));
    Server {
        _keeper: keeper,
        port,
    }
}

/// Asks the node whether it takes writes, and makes it a replica set when it is none yet.
async fn is_primary(port: u16) -> Result<bool> {
    let admin = direct_client(port)?.database("admin");
    let hello: Document = admin.run_command(doc! { "hello": 1 }).await?;
    if !hello.contains_key("setName") {
        let member = doc! { "_id": 0, "host": format!("127.0.0.1:{port}") };
        admin
            .run_command(doc! { "replSetInitiate": { "_id": "rs0", "members": [member] } })
            .await?;
    }
    Ok(hello.get_bool("isWritablePrimary").unwrap_or(false))
}

fn direct_client(port: u16) -> Result<Client> {
    let address = ServerAddress::Tcp {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
    };
    let options = ClientOptions::builder()
        .hosts(vec![address])
        .direct_connection(true)
        .server_selection_timeout(Duration::from_millis(500))
        .build();
    Client::with_options(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_commits_which_only_a_replica_set_can() {
        let handle = mongo().await;
        let database = handle.database().await;
        let things = database.collection::<Document>("Thing");
        things.insert_one(doc! { "_id": "seed" }).await.unwrap();

        let mut session = database.client().start_session().await.unwrap();
        session.start_transaction().await.unwrap();
        things
            .insert_one(doc! { "_id": "a" })
            .session(&mut session)
            .await
            .unwrap();
        session.commit_transaction().await.unwrap();
        assert_eq!(things.count_documents(doc! {}).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_database_goes_with_its_handle() {
        let (handle, other) = (mongo().await, mongo().await);
        let database = handle.database().await;
        database
            .collection("Thing")
            .insert_one(doc! { "_id": "a" })
            .await
            .unwrap();
        let (name, client) = (handle.name().to_owned(), other.database().await.client().clone());
        drop(handle);
        crate::wait_until(Duration::from_secs(10), "the database is gone", async || {
            !client.list_database_names().await.unwrap().contains(&name)
        })
        .await;
    }
}
