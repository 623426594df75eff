//! The running app: its settings, database, caches and sources of time and randomness, shared by all requests.

use std::sync::Arc;

use ids::{Clock, IdSource, SystemClock, SystemIds};

use crate::mail::Outbox;
use crate::metering::Meter;
use crate::objects::schema::SchemaCache;
use crate::protocol::dates::Millis;
use crate::protocol::denylist::Denylist;
use crate::routes::RateLimits;
use crate::settings::Settings;
use crate::storage::{Files, Storage, StorageResult};
use crate::users::memory::{AccountMemory, Pulse};
use crate::users::providers::Providers;
use crate::watch::Watcher;

/// Everything a request needs, made once at start.
pub struct AppState {
    pub settings: Settings,
    pub meter: Arc<Meter>,
    pub storage: Storage,
    pub schemas: SchemaCache,
    pub accounts: Arc<AccountMemory>,
    pub providers: Providers,
    /// Where mails to users go; absent where the app sends none.
    pub outbox: Option<Outbox>,
    pub denylist: Denylist,
    pub files: Files,
    pub rate_limits: RateLimits,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdSource>,
    _watcher: Watcher,
}

impl AppState {
    /// Connects to the app's database, prepares it and loads the classes. Fails when it cannot be reached.
    pub async fn connect(settings: Settings, meter: Arc<Meter>) -> StorageResult<Self> {
        let storage = Storage::connect(&settings).await?;
        let providers = Providers::new(&settings);
        storage.index_identities(providers.names()).await?;
        let schemas = SchemaCache::load(storage.clone()).await?;
        let pulse = Arc::new(Pulse::default());
        let accounts = AccountMemory::new(settings.cache_ttl, settings.cache_max_size, Arc::clone(&pulse));
        let accounts = Arc::new(accounts);
        let outbox = settings.mail.as_ref().and_then(|mail| Outbox::open(mail).ok());
        Ok(Self {
            outbox,
            _watcher: Watcher::start(storage.clone(), schemas.clone(), Arc::clone(&accounts), pulse),
            accounts,
            providers,
            denylist: Denylist::new(&settings.request_keyword_denylist),
            files: Files {
                base: format!("{}/files/{}", public_url(&settings), settings.app_id),
            },
            rate_limits: RateLimits::new(&settings),
            clock: Box::new(SystemClock),
            ids: Box::new(SystemIds),
            settings,
            meter,
            storage,
            schemas,
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

    /// Address at which clients reach this app, with the mount path.
    pub fn public_url(&self) -> String {
        public_url(&self.settings)
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
