//! A database and a folder for its dump.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use bson::{Document, RawDocumentBuf, doc};
use futures_util::TryStreamExt;
use mongodb::Database;
use serde_json::json;
use tempfile::TempDir;
use test_kit::MongoDatabase;
use tokio::process::{Child, Command};

use crate::killed::Line;

/// Two databases, of which the first is dumped and the second restored into.
pub struct Move {
    from: MongoDatabase,
    to: MongoDatabase,
    folder: TempDir,
    pub source: Database,
    pub target: Database,
}

/// How a command ended, and all it said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub said: String,
}

impl Ended {
    /// Fails the test unless the command succeeded.
    #[track_caller]
    pub fn fine(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.said);
        self.said
    }

    /// Fails the test unless the command failed and said all of this.
    #[track_caller]
    pub fn failed(self, parts: &[&str]) {
        assert_eq!(self.code, Some(1), "{}", self.said);
        for part in parts {
            assert!(self.said.contains(part), "{part:?} is missing in: {}", self.said);
        }
    }
}

impl Move {
    pub async fn new() -> Self {
        let (from, to) = (test_kit::mongo().await, test_kit::mongo().await);
        Self {
            source: from.database().await,
            target: to.database().await,
            folder: tempfile::tempdir().unwrap(),
            from,
            to,
        }
    }

    /// The folder given to the commands.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("dump")
    }

    /// A file of the source's folder in the dump.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(self.from.name()).join(name)
    }

    /// A path beside the dump.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub async fn dump(&self, options: &[&str]) -> Ended {
        self.run("dump", &self.folder(), self.from.uri(), options, &[])
            .await
    }

    pub async fn restore(&self, options: &[&str]) -> Ended {
        self.restore_folder(&self.folder(), options).await
    }

    pub async fn restore_folder(&self, folder: &Path, options: &[&str]) -> Ended {
        self.run("restore", folder, self.to.uri(), options, &[]).await
    }

    /// With variables of the environment.
    pub async fn restore_with(&self, variables: &[(&str, &str)], options: &[&str]) -> Ended {
        self.run("restore", &self.folder(), self.to.uri(), options, variables)
            .await
    }

    /// A dump of the source over this line, which is the caller's to end.
    pub fn start_dump(&self, line: &Line, options: &[&str]) -> Child {
        let uri = format!(
            "mongodb://127.0.0.1:{}/{}?directConnection=true",
            line.port,
            self.from.name()
        );
        self.command("dump", &self.folder(), &uri, options)
            .spawn()
            .unwrap()
    }

    /// Where the source's server listens.
    pub fn source_address(&self) -> String {
        let url = url::Url::parse(self.from.uri()).unwrap();
        format!("127.0.0.1:{}", url.port().unwrap())
    }

    async fn run(
        &self,
        command: &str,
        folder: &Path,
        uri: &str,
        options: &[&str],
        variables: &[(&str, &str)],
    ) -> Ended {
        let output = self
            .command(command, folder, uri, options)
            .envs(variables.iter().copied())
            .output()
            .await
            .unwrap();
        Ended {
            code: output.status.code(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn command(&self, command: &str, folder: &Path, uri: &str, options: &[&str]) -> Command {
        let settings = self.folder.path().join("settings.json");
        let contents = json!({ "appId": "notes", "masterKey": "master", "databaseURI": uri });
        std::fs::write(&settings, contents.to_string()).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_slipway-runtime"));
        process
            .arg(command)
            .arg(folder)
            .arg("--settings")
            .arg(&settings)
            .args(options)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        process
    }
}

/// The documents of a collection in the order of their ids, as bytes.
pub async fn documents(database: &Database, collection: &str) -> Vec<RawDocumentBuf> {
    let collection = database.collection::<RawDocumentBuf>(collection);
    let found = collection.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap();
    found.try_collect().await.unwrap()
}

/// The collections by name, with all their options, without what is new with every collection.
pub async fn collections(database: &Database) -> Vec<Document> {
    let cursor = database
        .run_cursor_command(doc! { "listCollections": 1 })
        .await
        .unwrap();
    let mut listed: Vec<Document> = cursor.try_collect().await.unwrap();
    listed.retain(|listed| !listed.get_str("name").unwrap().starts_with("system."));
    for one in &mut listed {
        one.remove("info");
    }
    listed.sort_by_key(|listed| listed.get_str("name").unwrap().to_owned());
    listed
}

/// The indexes by name.
pub async fn indexes(database: &Database, collection: &str) -> Vec<Document> {
    let listing = doc! { "listIndexes": collection };
    let cursor = database.run_cursor_command(listing).await.unwrap();
    let mut listed: Vec<Document> = cursor.try_collect().await.unwrap();
    listed.sort_by_key(|index| index.get_str("name").unwrap().to_owned());
    listed
}

/// Inserts documents `{_id: 0..count}` with some text.
pub async fn fill(database: &Database, collection: &str, count: i32) {
    let rows = (0..count).map(|number| doc! { "_id": number, "text": format!("row {number}") });
    database.collection(collection).insert_many(rows).await.unwrap();
}
