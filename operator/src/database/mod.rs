//! The database clusters of the region: where an app is put, and its user and database made and dropped.

pub mod health;
mod known_users;
mod placement;
mod user;

use std::collections::BTreeMap;
use std::time::Duration;

use mongodb::Client;
use mongodb::options::ClientOptions;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

pub use known_users::KnownUsers;
pub use placement::{Candidate, choose};
pub use user::fingerprint;

use crate::build::Placement;
use crate::config::DatabaseConfig;
use crate::error::Error;

/// How long a cluster may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// All clusters of the settings.
#[derive(Debug)]
pub struct Databases(BTreeMap<String, Cluster>);

/// One cluster, with the right to make users in it.
#[derive(Debug)]
pub struct Cluster {
    pub name: String,
    pub capacity: usize,
    uri: SecretString,
    client: Client,
}

/// Why a cluster of the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseConfigError {
    #[error("the connection string of the database cluster {cluster} cannot be read from {file}: {source}")]
    File {
        cluster: String,
        file: std::path::PathBuf,
        source: std::io::Error,
    },
    #[error("the connection string of the database cluster {cluster} is not valid: {source}")]
    Uri {
        cluster: String,
        source: mongodb::error::Error,
    },
}

impl Databases {
    /// Reads the connection strings. Does not wait for the clusters to be there.
    pub async fn open(configs: &[DatabaseConfig]) -> Result<Self, DatabaseConfigError> {
        let mut clusters = BTreeMap::new();
        for config in configs {
            clusters.insert(config.name.clone(), Cluster::open(config).await?);
        }
        Ok(Self(clusters))
    }

    pub fn get(&self, name: &str) -> Option<&Cluster> {
        self.0.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Cluster> {
        self.0.values()
    }
}

impl Cluster {
    async fn open(config: &DatabaseConfig) -> Result<Self, DatabaseConfigError> {
        let cluster = || config.name.clone();
        let text = std::fs::read_to_string(&config.uri_file).map_err(|source| DatabaseConfigError::File {
            cluster: cluster(),
            file: config.uri_file.clone(),
            source,
        })?;
        let uri = text.trim().to_owned();
        let client = client(&uri).await.map_err(|source| DatabaseConfigError::Uri {
            cluster: cluster(),
            source,
        })?;
        Ok(Self {
            name: cluster(),
            capacity: config.capacity,
            uri: uri.into(),
            client,
        })
    }

    /// The administrator's connection string. Apps get its hosts and options, never its user.
    pub fn uri(&self) -> &str {
        self.uri.expose_secret()
    }

    /// Whether users could be made right now.
    pub async fn ping(&self) -> Result<(), Error> {
        match timeout(PATIENCE, user::ping(&self.client)).await {
            Ok(answer) => answer.map_err(Error::database(&self.name)),
            // The driver waits for the answer to a command as long as the connection lives.
            Err(_) => Err(Error::Timeout(PATIENCE)),
        }
    }

    /// Makes the app's user, or gives it the present password and rights.
    pub async fn ensure_user(&self, placement: &Placement) -> Result<(), Error> {
        user::ensure(&self.client, placement)
            .await
            .map_err(Error::database(&self.name))
    }

    /// Drops the user and then the database of that name. Safe to repeat.
    pub async fn drop_all(&self, database: &str) -> Result<(), Error> {
        user::drop_all(&self.client, database)
            .await
            .map_err(Error::database(&self.name))
    }
}

async fn client(uri: &str) -> Result<Client, mongodb::error::Error> {
    let mut options = ClientOptions::parse(uri).await?;
    options.app_name = Some("slipway-operator".to_owned());
    options.server_selection_timeout = Some(PATIENCE);
    options.connect_timeout = Some(PATIENCE);
    Client::with_options(options)
}
