//! The private PostgreSQL of `slipway dev`, in `postgres/` of the data folder.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::error::DevError;
use super::folder::DataFolder;
use super::service::{Service, Supervised};
use super::tools::Tools;
use super::{initdb, port, server_user};
use crate::regions::local::files::{create_private_folder, remove_if_there, write_private};
use crate::regions::local::process::{Launch, PidFile, RunAs, Signal};

/// Role and database of the control plane.
const NAME: &str = "slipway";
/// Recovery after a crash of the machine may take a while.
const READY_DEADLINE: Duration = Duration::from_secs(120);
/// A unix socket path is at most 107 bytes long (unix(7)); `.s.PGSQL.<port>` comes behind the folder.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.65535".len();

/// What is needed to start and to reach it.
#[derive(Clone, Debug)]
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    run_as: Option<RunAs>,
    password: SecretString,
    pub port: u16,
}

impl Postgres {
    /// Prepares the folder; a new one gets a new database cluster.
    pub async fn prepare(
        folder: &DataFolder,
        tools: &Tools,
        password: &SecretString,
    ) -> Result<Self, DevError> {
        let place = folder.path().join("postgres");
        let run_as = server_user::prepare(&place).await?;
        let mut postgres = Self {
            folder: place,
            bin: tools.postgres_bin.clone(),
            run_as,
            password: password.clone(),
            port: 0,
        };
        postgres.initialise(folder).await?;
        let running = postgres.service(folder).left_running().is_some();
        postgres.port = port::of_service(folder, "postgres", running)?;
        Ok(postgres)
    }

    /// How to run it.
    pub fn service(&self, folder: &DataFolder) -> Service {
        let data = self.data().display().to_string();
        let sockets = if self.sockets().as_os_str().len() <= LONGEST_SOCKET_FOLDER {
            self.sockets().display().to_string()
        } else {
            String::new()
        };
        let arguments = [
            "-D",
            &data,
            "-p",
            &self.port.to_string(),
            "-k",
            &sockets,
            "-h",
            "127.0.0.1",
        ];
        let launch = Launch::new(&self.bin.join("postgres")).args(arguments);
        Service {
            name: "PostgreSQL",
            launch: launch.folder(&self.folder).run_as(self.run_as.clone()),
            log: folder.log("postgres"),
            pid_file: PidFile::new(folder.run("postgres.pid")),
            marker: ["-D".to_owned(), data],
            // Fast shutdown, and immediate shutdown (PostgreSQL manual 19.5).
            stop: Signal::INT,
            force: Signal::QUIT,
        }
    }

    /// Waits until it takes connections, and makes our database when it is new. Returns its version.
    pub async fn until_ready(&self, server: &Supervised) -> Result<String, DevError> {
        server
            .until_ready(READY_DEADLINE, async || self.connect("postgres").await.is_ok())
            .await?;
        let mut connection = self.connect("postgres").await?;
        let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(NAME)
            .fetch_one(&mut connection)
            .await?;
        if !known {
            sqlx::query("CREATE DATABASE slipway")
                .execute(&mut connection)
                .await?;
        }
        let version: String = sqlx::query_scalar("SHOW server_version")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(version.split(' ').next().unwrap_or_default().to_owned())
    }

    /// Connection string of the control plane's database.
    pub fn url(&self) -> SecretString {
        let password = self.password.expose_secret();
        format!("postgres://{NAME}:{password}@127.0.0.1:{}/{NAME}", self.port).into()
    }

    async fn connect(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(NAME)
            .password(self.password.expose_secret())
            .database(database);
        options.connect().await
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn sockets(&self) -> PathBuf {
        self.folder.join("run")
    }

    /// A new folder gets a new database cluster.
    async fn initialise(&self, folder: &DataFolder) -> Result<(), DevError> {
        self.own_folder(&self.sockets())?;
        if self.data().is_dir() {
            return Ok(());
        }
        let draft = self.folder.join("data.new");
        let password_file = self.folder.join("password.new");
        write_private(&password_file, self.password.expose_secret().as_bytes())
            .map_err(DevError::folder(&password_file))?;
        self.give(&password_file)?;
        let launch = self.initdb(&draft, &password_file);
        let pid_file = PidFile::new(folder.run("initdb.pid"));
        let made = initdb::run(launch, &folder.log("initdb"), &pid_file, &draft, &self.data()).await;
        remove_if_there(&password_file).map_err(DevError::folder(&password_file))?;
        made
    }

    fn initdb(&self, data: &Path, password_file: &Path) -> Launch {
        Launch::new(&self.bin.join("initdb"))
            .args([
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions",
            ])
            .args([format!("--username={NAME}")])
            .args(["--pwfile".as_ref(), password_file.as_os_str()])
            .args(["--pgdata".as_ref(), data.as_os_str()])
            .folder(&self.folder)
            .run_as(self.run_as.clone())
    }

    fn own_folder(&self, path: &Path) -> Result<(), DevError> {
        create_private_folder(path).map_err(DevError::folder(path))?;
        self.give(path)
    }

    fn give(&self, path: &Path) -> Result<(), DevError> {
        let Some(run_as) = &self.run_as else { return Ok(()) };
        chown(path, Some(run_as.uid), Some(run_as.gid)).map_err(DevError::folder(path))
    }
}
