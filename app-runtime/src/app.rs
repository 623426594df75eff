//! The running app: its settings, database, caches and sources of time and randomness, shared by all requests.
//!
//! One generation lives as long as its settings; see [`crate::live`]. The next takes over whatever does not follow from
//! the settings that changed: connections, caches, counters.

use std::sync::Arc;

use ids::{Clock, IdSource, SystemClock, SystemIds};
use url::Url;

use crate::mail::Outbox;
use crate::metering::Meter;
use crate::objects::schema::SchemaCache;
use crate::protocol::dates::Millis;
use crate::protocol::denylist::Denylist;
use crate::pulse::Pulse;
use crate::routes::{Cors, RateLimits};
use crate::settings::{Changed, MailSettings, Settings};
use crate::storage::{Files, Storage, StorageResult};
use crate::users::memory::AccountMemory;
use crate::users::providers::Providers;
use crate::watch::Watcher;

/// Everything a request needs.
pub struct AppState {
    pub settings: Settings,
    pub meter: Arc<Meter>,
    pub storage: Storage,
    pub schemas: SchemaCache,
    pub accounts: Arc<AccountMemory>,
    pub providers: Arc<Providers>,
    /// Where mails to users go; absent where the app sends none.
    pub outbox: Option<Arc<Outbox>>,
    pub denylist: Denylist,
    pub files: Files,
    pub rate_limits: Arc<RateLimits>,
    pub cors: Cors,
    /// Address at which clients reach this app, with the mount path.
    pub public_url: String,
    /// The path of that address, without a slash at its end.
    pub public_path: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    watcher: Arc<Watcher>,
}

impl AppState {
    /// Connects to the app's database, prepares it and loads the classes. Fails when it cannot be reached.
    pub async fn connect(settings: Settings, meter: Arc<Meter>) -> StorageResult<Self> {
        let storage = Storage::connect(&settings).await?;
        let providers = Providers::new(&settings);
        storage.index_identities(providers.names()).await?;
        let pulse = Arc::new(Pulse::default());
        let schemas = SchemaCache::load(storage.clone(), Arc::clone(&pulse)).await?;
        let accounts = AccountMemory::new(settings.cache_ttl, settings.cache_max_size, Arc::clone(&pulse));
        let accounts = Arc::new(accounts);
        Ok(Self {
            outbox: outbox(settings.mail.as_ref()),
            watcher: Arc::new(Watcher::start(
                storage.clone(),
                schemas.clone(),
                Arc::clone(&accounts),
                pulse,
            )),
            accounts,
            providers: Arc::new(providers),
            denylist: Denylist::new(&settings.request_keyword_denylist),
            files: files(&settings),
            cors: Cors::new(&settings),
            public_path: public_path(&settings),
            public_url: public_url(&settings),
            rate_limits: Arc::new(RateLimits::new(&settings)),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            settings,
            meter,
            storage,
            schemas,
        })
    }

    /// The next generation. Counters of rate limits, keys of sign-in providers and the connection to the mail server are
    /// made anew only if their options are among the `changed`.
    pub async fn with_settings(&self, settings: Settings, changed: &Changed) -> StorageResult<Self> {
        let mut providers = Arc::clone(&self.providers);
        if changed.any(&["auth", "authTrustedCertificates", "enableAnonymousUsers"]) {
            providers = Arc::new(Providers::new(&settings));
            self.storage.index_identities(providers.names()).await?;
        }
        let mut rate_limits = Arc::clone(&self.rate_limits);
        if changed.any(&["rateLimit"]) {
            rate_limits = Arc::new(RateLimits::new(&settings));
        }
        // What waits in the old one goes out; see `Live::replace`.
        let outbox = match changed.any(&["mail"]) {
            true => outbox(settings.mail.as_ref()),
            false => self.outbox.clone(),
        };
        Ok(Self {
            outbox,
            accounts: Arc::clone(&self.accounts),
            watcher: Arc::clone(&self.watcher),
            providers,
            denylist: Denylist::new(&settings.request_keyword_denylist),
            files: files(&settings),
            cors: Cors::new(&settings),
            public_path: public_path(&settings),
            public_url: public_url(&settings),
            rate_limits,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            settings,
            meter: Arc::clone(&self.meter),
            storage: self.storage.clone(),
            schemas: self.schemas.clone(),
        })
    }

    /// Now, in the precision of the protocol.
    pub fn now(&self) -> Millis {
        self.clock.now().timestamp_millis()
    }

    /// Random characters `[A-Za-z0-9]` from a cryptographic source.
    pub fn random(&self, length: usize) -> String {
        ids::secret(self.ids.as_ref(), "", length)
    }

    /// A new session token: `r:` and 32 hexadecimal digits.
    pub fn new_session_token(&self) -> String {
        let mut bytes = [0; 16];
        self.ids.fill(&mut bytes);
        format!("r:{}", hex::encode(bytes))
    }
}

fn outbox(settings: Option<&MailSettings>) -> Option<Arc<Outbox>> {
    settings.and_then(|mail| Outbox::open(mail).ok()).map(Arc::new)
}

fn files(settings: &Settings) -> Files {
    Files {
        base: format!("{}/files/{}", public_url(settings), settings.app_id),
    }
}

fn public_url(settings: &Settings) -> String {
    let url = settings
        .public_server_url
        .as_ref()
        .or(settings.server_url.as_ref());
    url.map_or_else(
        || format!("http://localhost:{}{}", settings.port, settings.mount_path),
        |url| url.trim_end_matches('/').to_owned(),
    )
}

fn public_path(settings: &Settings) -> String {
    let url = Url::parse(&public_url(settings));
    url.map_or_else(
        |_| settings.mount_path.clone(),
        |url| url.path().trim_end_matches('/').to_owned(),
    )
}
