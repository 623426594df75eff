//! The settings of one app runtime: Parse Server's option names, plus a few of our own.
//!
//! Keeps the typed, validated values. The runtime builds them from a JSON file and the environment (`source`) at start and
//! whenever the file changes (`running`); its modules read plain fields and never see JSON, option names or environment
//! variables. The control plane takes from here which options an app's owner may set (`owner`) and by which rules.
//! Promise: a `Settings` that exists is valid, and its `Debug` form holds no secret.

mod accounts;
mod build;
mod data;
mod describe;
mod guards;
mod ip_ranges;
mod mail;
mod needless;
mod options;
pub mod owner;
mod pages;
mod problem;
mod protection;
mod providers;
mod running;
mod section;
mod size;
pub mod smtp;
mod source;
mod table;
mod trust_proxy;
mod values;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use regex::Regex;
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use accounts::{AccountLockout, MfaAlgorithm, MfaSettings, PasswordPolicy};
pub use data::{
    DuplicateAction, InstallationRules, MergePriority, QueryDefaults, SchemaSettings, SecurityCheck,
};
pub use describe::help;
pub use guards::{Idempotency, RateLimit, RateLimitZone, RequestComplexity};
pub use ip_ranges::{IpRangeError, IpRanges};
pub use mail::{EmailVerification, MailSettings, MailTemplate, MailTexts};
pub use options::{Effect, Kind, OptionSpec, all as every_option};
pub use pages::{PagesSettings, is_locale};
pub use problem::{Problem, SettingsError};
pub use providers::{CODE as CODE_PROVIDERS, is_name as is_provider_name, is_safe as is_safe_provider_url};
pub use providers::{
    CodeSettings, FacebookSettings, GameCenterSettings, IdTokenSettings, IntrospectionSettings, KeyPlace,
    KeySource, KeycloakSettings, ProviderSettings, ProvidersSettings, TwitterSettings,
};
pub use running::{Change, Changed, late_restart_hash, restart_hash, waits_for_restart};
pub use trust_proxy::TrustProxy;

/// Every option the runtime acts on. Field names are Parse Server's option names in snake case.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Public application id, compared with `X-Parse-Application-Id`.
    pub app_id: String,
    pub app_name: Option<String>,

    pub master_key: SecretString,
    /// Addresses the master key may be used from.
    pub master_key_ips: IpRanges,
    pub read_only_master_key: Option<SecretString>,
    pub read_only_master_key_ips: IpRanges,
    pub maintenance_key: Option<SecretString>,
    pub maintenance_key_ips: IpRanges,
    /// When any of the four client keys is set, a request must carry one of them.
    pub client_key: Option<SecretString>,
    pub javascript_key: Option<SecretString>,
    pub rest_api_key: Option<SecretString>,
    pub dot_net_key: Option<SecretString>,

    /// MongoDB connection string; holds a password.
    pub database_uri: SecretString,
    /// Put before the name of every collection.
    pub collection_prefix: String,

    pub host: String,
    pub port: u16,
    /// Starts with `/`, never ends with one (the root is the empty string).
    pub mount_path: String,
    pub server_url: Option<String>,
    pub public_server_url: Option<String>,
    pub trust_proxy: TrustProxy,
    pub allow_headers: Vec<String>,
    /// Empty means any origin, as in Parse Server.
    pub allow_origin: Vec<String>,
    /// Largest request body, in bytes.
    pub max_upload_size: usize,

    pub allow_client_class_creation: bool,
    pub allow_custom_object_id: bool,
    /// Characters in a generated object id.
    pub object_id_size: usize,
    pub default_limit: u32,
    /// `None` is unlimited.
    pub max_limit: Option<u32>,
    /// How long schemas, roles and sessions may be served from memory.
    pub cache_ttl: Duration,
    pub cache_max_size: u64,
    pub request_keyword_denylist: Vec<DeniedKeyword>,
    /// Class, then user group, then the field names hidden from that group.
    pub protected_fields: ProtectedFields,
    pub protected_fields_owner_exempt: bool,
    pub protected_fields_save_response_exempt: bool,
    pub enable_sanitized_error_response: bool,
    /// `databaseOptions.allowPublicExplain`: clients may have their queries explained.
    pub allow_public_explain: bool,
    /// Classes defined in the settings, if they are.
    pub schema: Option<SchemaSettings>,
    pub query: QueryDefaults,
    /// The read-only master key may aggregate.
    pub allow_aggregation_for_read_only_master_key: bool,
    pub installation: InstallationRules,
    pub rate_limits: Vec<RateLimit>,
    /// The only routes that clients may call; `None`: all.
    pub route_allow_list: Option<Vec<Regex>>,
    pub request_complexity: RequestComplexity,
    pub idempotency: Idempotency,
    pub security: SecurityCheck,
    /// Ours (decision 11): classes made by clients are born private and their objects belong to their creator.
    pub private_by_default: bool,
    /// Ours: `Building` lets a signed-in client create classes and fields, `Live` does not.
    pub stage: Stage,

    pub enable_anonymous_users: bool,
    pub enforce_private_users: bool,
    pub convert_email_to_lowercase: bool,
    pub convert_username_to_lowercase: bool,
    pub expire_inactive_sessions: bool,
    /// Life of a session.
    pub session_length: Duration,
    pub extend_session_on_use: bool,
    pub revoke_session_on_password_reset: bool,
    pub account_lockout: Option<AccountLockout>,
    pub password_policy: PasswordPolicy,
    /// Sign-in providers by name, anonymous sign-in not among them.
    pub auth: ProvidersSettings,
    /// Ours: certificates (PEM) that sign-in providers may show, beside the system's.
    pub auth_trusted_certificates: Vec<String>,
    /// One-time passwords as a second factor; off when absent.
    pub mfa: Option<MfaSettings>,

    /// Ours: how mail is sent; none when absent.
    pub mail: Option<MailSettings>,
    pub email_verification: EmailVerification,
    pub pages: PagesSettings,

    pub verbose: bool,
    pub silent: bool,
    pub log_level: Option<String>,
    pub json_logs: bool,
    pub otlp_endpoint: Option<String>,
    /// Port of a separate `GET /metrics` listener on 127.0.0.1; off when absent.
    pub metrics_port: Option<u16>,

    /// Where usage goes; absent when an app runs by itself.
    pub usage_report: Option<UsageReportSettings>,
    /// Id of the app at the control plane (`app_…`), shown on `/health`.
    pub usage_app_id: Option<String>,
    /// Compute size this process runs with (`dev`, `s`, `m`, `l`, `xl`).
    pub engine: String,
    /// Why the app does not serve, told to whoever calls it.
    pub suspended: Option<String>,
    /// How long requests in flight may finish after SIGTERM.
    pub drain_timeout: Duration,
    /// Ours: longest that the database may work on one find or count; `None`: no limit.
    pub query_timeout: Option<Duration>,
}

/// Class name to user group (`*`, `authenticated`, `role:…`, `userField:…`, a user id) to field names.
pub type ProtectedFields = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// An entry of `requestKeywordDenylist`: a key, a value, or a pair that must not appear in a request.
#[derive(Clone, Debug, PartialEq)]
pub struct DeniedKeyword {
    pub key: Option<String>,
    pub value: Option<Value>,
}

/// Where an app is in its life, as far as clients creating classes and fields is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Building,
    Live,
}

/// Destination of usage reports.
#[derive(Clone, Debug)]
pub struct UsageReportSettings {
    pub url: String,
    pub token: SecretString,
    pub interval: Duration,
}

/// Settings with what a person wants to be told about them.
#[derive(Debug)]
pub struct Loaded {
    pub settings: Settings,
    /// Sentences about options that are set but change nothing.
    pub warnings: Vec<String>,
    /// Every option in effect with its value, secrets masked, one per line.
    pub effective: String,
    /// [`document_hash`] of the file; `None` where there is none.
    pub hash: Option<String>,
    values: values::Values,
}

/// Reads the settings file, if one is given, and the environment, which overrides it.
///
/// # Errors
/// All problems together; see [`Problem`].
pub fn load(file: Option<&Path>, env: impl Fn(&str) -> Option<String>) -> Result<Loaded, SettingsError> {
    let shown = file.map(|path| path.display().to_string()).unwrap_or_default();
    let document = source::read(file)?;
    Loaded::new(document.as_deref(), &shown, env)
}

/// The same from the content of a settings file.
///
/// # Errors
/// All problems together; see [`Problem`].
pub fn load_document(document: &[u8], env: impl Fn(&str) -> Option<String>) -> Result<Loaded, SettingsError> {
    Loaded::new(Some(document), "the document", env)
}

/// Names the content of a settings file: SHA-256 of its bytes, in hexadecimal digits.
#[must_use]
pub fn document_hash(document: &[u8]) -> String {
    hex::encode(Sha256::digest(document))
}

impl Loaded {
    fn new(
        document: Option<&[u8]>,
        shown: &str,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let values = source::values(document, shown, env)?;
        Ok(Self {
            settings: build::build(&values)?,
            warnings: describe::warnings(&values),
            effective: describe::effective(&values),
            hash: document.map(document_hash),
            values,
        })
    }
}

impl Settings {
    /// Settings from a JSON object of options, without the environment.
    ///
    /// # Errors
    /// All problems together; see [`Problem`].
    pub fn from_options(options: &serde_json::Map<String, Value>) -> Result<Self, SettingsError> {
        let mut values = values::Values::default();
        for (name, value) in options {
            values.set_from_file(name, value.clone());
        }
        build::build(&values)
    }

    /// Parse Server's defaults for one app on this machine, with the master key `master` and no client keys.
    ///
    /// # Panics
    /// When `database_uri` is no MongoDB connection string.
    #[must_use]
    pub fn for_tests(app_id: &str, database_uri: &str) -> Self {
        let options = serde_json::json!({
            "appId": app_id,
            "masterKey": "master",
            "databaseURI": database_uri,
            "host": "127.0.0.1",
            "port": 0,
        });
        match Self::from_options(options.as_object().unwrap_or(&serde_json::Map::new())) {
            Ok(settings) => settings,
            Err(error) => panic!("{error}"),
        }
    }
}

#[cfg(test)]
mod tests;
