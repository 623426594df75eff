//! One PostgreSQL per test binary, one empty database per call.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use nix::unistd::{User, geteuid};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::keeper::Keeper;
use crate::{binaries, free_port, install_crypto_provider, janitor, unique_name};

/// Settings of a server whose data nobody misses.
const FAST: [&str; 6] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
];

struct Server {
    _keeper: Keeper,
    port: u16,
}

/// An empty PostgreSQL database, dropped together with this handle.
pub struct PostgresDatabase {
    url: String,
    name: String,
    port: u16,
}

/// A fresh, empty database on the PostgreSQL server of this test binary.
pub async fn postgres() -> PostgresDatabase {
    install_crypto_provider();
    let server = tokio::task::spawn_blocking(server)
        .await
        .expect("PostgreSQL could not be started");
    let name = unique_name("test");
    execute(server.port, format!("CREATE DATABASE {name} TEMPLATE template0"))
        .await
        .expect("the test database could not be created");
    PostgresDatabase {
        url: url(server.port, &name),
        name,
        port: server.port,
    }
}

impl PostgresDatabase {
    /// `postgres://…`, for a configuration. The user is a superuser and needs no password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A small connection pool of this database.
    pub async fn pool(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(8)
            .connect(&self.url)
            .await
            .expect("the test database refused the connection")
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (port, name) = (self.port, self.name.clone());
        janitor::later(async move {
            let _ = execute(port, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        });
    }
}

async fn execute(port: u16, statement: String) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(&url(port, "postgres")).await?;
    sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

fn url(port: u16, database: &str) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{database}")
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

fn start() -> Server {
    let folder = tempfile::Builder::new()
        .prefix("slipway-postgres-")
        .tempdir()
        .unwrap()
        .keep();
    let data = folder.join("data");
    hand_over(&folder);
    initialise(&folder, &data);

    let port = free_port();
    let mut command = as_server_user(&binaries::postgres("postgres"));
    command.extend(["-D", data.to_str().unwrap(), "-p", &port.to_string()].map(String::from));
    command.extend(
        FAST.iter()
            .flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]),
    );
    let command: Vec<&OsStr> = command.iter().map(OsStr::new).collect();

    let keeper = Keeper::start(folder, "QUIT", &command);
    // The postmaster writes `ready` as the last line of its pid file once it takes connections.
    let pid_file = data.join("postmaster.pid");
    keeper.wait_until_ready(|| {
        fs::read_to_string(&pid_file).is_ok_and(|text| text.trim_end().ends_with("ready"))
    });
    Server {
        _keeper: keeper,
        port,
    }
}

fn initialise(folder: &Path, data: &Path) {
    let command = as_server_user(&binaries::postgres("initdb"));
    let output = Command::new(&command[0])
        .args(&command[1..])
        .args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ])
        .arg("-D")
        .arg(data)
        .current_dir(folder)
        .output()
        .expect("initdb could not be started");
    assert!(
        output.status.success(),
        "initdb failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// PostgreSQL refuses to run as root, so root runs it as the package's user `postgres`.
fn as_server_user(program: &Path) -> Vec<String> {
    let program = program
        .to_str()
        .expect("the path of PostgreSQL is UTF-8")
        .to_owned();
    if !geteuid().is_root() {
        return vec![program];
    }
    let switch = [
        "setpriv",
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "--",
    ];
    switch.map(String::from).into_iter().chain([program]).collect()
}

fn hand_over(folder: &Path) {
    if geteuid().is_root() {
        let user = User::from_name("postgres")
            .unwrap()
            .expect("root needs a user `postgres` to run PostgreSQL as");
        chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn databases_of_two_calls_are_separate() {
        let (one, two) = (postgres().await, postgres().await);
        let (one_pool, two_pool) = (one.pool().await, two.pool().await);
        sqlx::query("CREATE TABLE mine (id int)")
            .execute(&one_pool)
            .await
            .unwrap();
        let absent = sqlx::query("SELECT id FROM mine").execute(&two_pool).await;
        assert!(absent.is_err(), "the second database sees the first one's table");
    }

    #[tokio::test]
    async fn the_database_goes_with_its_handle() {
        let database = postgres().await;
        let (port, name) = (database.port, database.name.clone());
        drop(database);
        crate::wait_until(
            std::time::Duration::from_secs(10),
            "the database is gone",
            async || PgConnection::connect(&url(port, &name)).await.is_err(),
        )
        .await;
    }
}
