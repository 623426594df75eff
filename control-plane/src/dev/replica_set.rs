//! Makes a lone mongod a replica set with an administrator, and keeps it one when its port changed.
//! Every step looks first, so a crash between two of them is harmless.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, Result};
use mongodb::options::{ClientOptions, Credential, ServerAddress};
use mongodb::{Client, Database};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// Name of the replica set.
pub const SET: &str = "slipway";
/// Name of the administrator.
pub const ROOT: &str = "root";

const PRIMARY_DEADLINE: Duration = Duration::from_secs(60);
const CHECK: Duration = Duration::from_millis(50);
/// Error codes of the server.
const AUTHENTICATION_FAILED: i32 = 18;
const NOT_YET_INITIALIZED: i32 = 94;

/// Whether a server answers on `port` at all.
pub async fn answers(port: u16) -> bool {
    match admin(port, None) {
        Ok(admin) => admin.run_command(doc! { "hello": 1 }).await.is_ok(),
        Err(_) => false,
    }
}

/// Brings the server on `port` to where it takes writes from the administrator. Returns its version.
/// `host` is where clients, and the server itself, find it: a name and a port.
pub async fn establish(port: u16, host: &str, password: &SecretString) -> Result<String> {
    let root = admin(port, Some(password))?;
    match root.run_command(doc! { "ping": 1 }).await {
        Err(error) if is_authentication_failure(&error) => first_start(port, host, password).await?,
        other => drop(other?),
    }
    follow_host(&root, host).await?;
    until_primary(&root).await?;
    let info = root.run_command(doc! { "buildInfo": 1 }).await?;
    Ok(info.get_str("version").unwrap_or_default().to_owned())
}

/// Nobody may sign in yet: the localhost exception lets us in until the first user exists (MongoDB
/// manual, "Localhost Exception in Self-Managed Deployments").
async fn first_start(port: u16, host: &str, password: &SecretString) -> Result<()> {
    let admin = admin(port, None)?;
    let hello = admin.run_command(doc! { "hello": 1 }).await?;
    if !hello.contains_key("setName") {
        let members = [doc! { "_id": 0, "host": host }];
        admin
            .run_command(doc! { "replSetInitiate": { "_id": SET, "members": members } })
            .await?;
    }
    until_primary(&admin).await?;
    let roles = [doc! { "role": "root", "db": "admin" }];
    admin
        .run_command(doc! { "createUser": ROOT, "pwd": password.expose_secret(), "roles": roles })
        .await?;
    Ok(())
}

/// A node that moved to another port does not find itself in its own set any more.
async fn follow_host(root: &Database, host: &str) -> Result<()> {
    let mut config = present_config(root).await?;
    let version = config.get_i32("version").unwrap_or(1);
    let members = config.get_array_mut("members").map_err(Error::custom)?;
    let Some(member) = members.first_mut().and_then(|member| member.as_document_mut()) else {
        return Ok(());
    };
    if member.get_str("host").is_ok_and(|known| known == host) {
        return Ok(());
    }
    member.insert("host", host);
    config.insert("version", version + 1);
    root.run_command(doc! { "replSetReconfig": config, "force": true })
        .await?;
    Ok(())
}

/// The server answers before it has read its own configuration.
async fn present_config(root: &Database) -> Result<Document> {
    let end = Instant::now() + PRIMARY_DEADLINE;
    loop {
        match root.run_command(doc! { "replSetGetConfig": 1 }).await {
            Ok(answer) => return answer.get_document("config").cloned().map_err(Error::custom),
            Err(error) if code_of(&error) == Some(NOT_YET_INITIALIZED) && Instant::now() < end => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(CHECK).await;
    }
}

async fn until_primary(admin: &Database) -> Result<()> {
    let end = Instant::now() + PRIMARY_DEADLINE;
    loop {
        let hello = admin.run_command(doc! { "hello": 1 }).await?;
        if hello.get_bool("isWritablePrimary").unwrap_or(false) {
            return Ok(());
        }
        if Instant::now() > end {
            let state = hello.get_str("info").unwrap_or("it gives no reason");
            return Err(Error::custom(format!(
                "the replica set elects no primary: {state}"
            )));
        }
        tokio::time::sleep(CHECK).await;
    }
}

/// The `admin` database of exactly this server, whatever its replica set thinks of it.
fn admin(port: u16, root: Option<&SecretString>) -> Result<Database> {
    let address = ServerAddress::Tcp {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
    };
    let mut options = ClientOptions::builder()
        .hosts(vec![address])
        .direct_connection(true)
        .server_selection_timeout(Duration::from_secs(5))
        .build();
    options.credential = root.map(|password| {
        let (user, password) = (ROOT.to_owned(), password.expose_secret().to_owned());
        Credential::builder()
            .username(user)
            .password(password)
            .source("admin".to_owned())
            .build()
    });
    Ok(Client::with_options(options)?.database("admin"))
}

fn is_authentication_failure(error: &Error) -> bool {
    let refused = matches!(error.kind.as_ref(), ErrorKind::Authentication { .. });
    refused || code_of(error) == Some(AUTHENTICATION_FAILED)
}

fn code_of(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        _ => None,
    }
}
