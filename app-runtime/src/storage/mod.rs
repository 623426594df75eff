//! The app's MongoDB database, in Parse Server's own layout. The only place that knows MongoDB and BSON.
//!
//! `objects` and `users` call it with protocol values and get protocol values or finished JSON back. Reads go from the
//! driver's raw BSON straight to JSON (`decode`), with no document or value tree between.

mod accounts;
mod aggregate;
mod classes;
mod clients;
mod coalesce;
mod config;
mod decode;
pub mod dump;
mod encode;
mod error;
mod events;
mod filter;
mod found;
mod graphql_config;
mod identities;
mod indexes;
mod installations;
mod join;
mod lanes;
mod objects;
mod pipeline;
mod plain;
mod reported;
mod requests;
mod rows;
mod schema;
mod transaction;
mod updates;
mod users;

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use mongodb::options::ClientOptions;
use mongodb::{Client, Collection, Database};

pub use accounts::{Addressee, LockRule, MailToken, TokenRow};
pub use aggregate::Aggregate;
pub use clients::enter_worker;
pub use config::{ConfigChange, StoredConfig};
pub use decode::{Files, Included, MAX_ANSWER, Revealed, Tags, View, check_size, write_object};
pub use encode::{NewObject, Times, new_document, update_document};
pub use error::{StorageError, StorageResult};
pub use events::{Event, Heard, ROLE_CHILDREN, ROLE_MEMBERS};
pub use filter::translate as translate_filter;
pub use identities::IdentityOwner;
pub use installations::{InstallationRow, Removal, Rivals};
pub use objects::{Changes, Page, Selection};
pub use rows::Row;
pub use transaction::takes_place;
pub use users::{LoginRow, SecondFactor, SessionRow, UserKey};

use crate::settings::Settings;
use clients::Clients;

/// Used when the connection string names no database, as Parse Server's default does.
const DEFAULT_DATABASE: &str = "parse";

/// How long an operation may wait for a reachable database before it fails.
const SERVER_SELECTION_TIMEOUT: Duration = Duration::from_secs(3);

/// A handle to the app's database. Cheap to clone; the driver pools connections and reconnects by itself.
#[derive(Clone)]
pub struct Storage {
    clients: Arc<Clients>,
    prefix: String,
    query_timeout: Option<Duration>,
}

impl Storage {
    /// Connects, and makes sure that the tables and indexes every app has are there.
    pub async fn connect(settings: &Settings) -> StorageResult<Self> {
        let (options, name) = options(settings).await?;
        let storage = Self {
            clients: Arc::new(Clients::open(options, &name)?),
            prefix: settings.collection_prefix.clone(),
            query_timeout: settings.query_timeout,
        };
        storage.ping().await?;
        storage.prepare().await?;
        Ok(storage)
    }

    /// Ok when the database answers.
    pub async fn ping(&self) -> StorageResult<()> {
        self.database().run_command(doc! { "ping": 1 }).await?;
        Ok(())
    }

    /// Size of the app's data and indexes on disk, in bytes.
    pub async fn database_bytes(&self) -> StorageResult<u64> {
        let stats = self.database().run_command(doc! { "dbStats": 1 }).await?;
        let bytes = |key| match stats.get(key) {
            Some(bson::Bson::Double(size)) => *size as u64,
            Some(bson::Bson::Int32(size)) => u64::try_from(*size).unwrap_or(0),
            Some(bson::Bson::Int64(size)) => u64::try_from(*size).unwrap_or(0),
            _ => 0,
        };
        Ok(bytes("dataSize") + bytes("indexSize"))
    }

    fn database(&self) -> &Database {
        &self.clients.here().database
    }

    fn raw(&self, class: &str) -> Collection<RawDocumentBuf> {
        self.database().collection(&self.collection_name(class))
    }

    fn collection_name(&self, class: &str) -> String {
        format!("{}{class}", self.prefix)
    }

    fn documents(&self, class: &str) -> Collection<Document> {
        self.database().collection(&self.collection_name(class))
    }
}

/// The database of the settings, with nothing prepared in it. Does not wait for it to be reachable.
async fn open(settings: &Settings) -> StorageResult<Database> {
    let (options, name) = options(settings).await?;
    Ok(Client::with_options(options)?.database(&name))
}

/// How the driver is to connect, and the name of the database.
async fn options(settings: &Settings) -> StorageResult<(ClientOptions, String)> {
    use secrecy::ExposeSecret;
    let mut options = ClientOptions::parse(settings.database_uri.expose_secret()).await?;
    options.app_name.get_or_insert_with(|| "slipway-runtime".into());
    options
        .server_selection_timeout
        .get_or_insert(SERVER_SELECTION_TIMEOUT);
    options.connect_timeout.get_or_insert(SERVER_SELECTION_TIMEOUT);
    options.max_pool_size.get_or_insert(32);
    let name = options.default_database.clone();
    Ok((options, name.unwrap_or_else(|| DEFAULT_DATABASE.into())))
}
