//! From option values to [`Settings`], with the rules Parse Server's `Config.validateOptions` has about them.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::problem::{Problem, SettingsError};
use super::values::Values;
use super::{
    EmailVerification, IpRanges, MailTemplate, PagesSettings, Settings, Stage, TrustProxy,
    UsageReportSettings, accounts, data, guards, mail, pages, protection, providers, size,
};

/// The settings these values stand for.
///
/// # Errors
/// Everything that is wrong, the complaints already collected in `values` included.
pub fn build(values: &Values) -> Result<Settings, SettingsError> {
    let mut reader = Reader {
        problems: Vec::new(),
        values,
    };
    let settings = read(&mut reader);
    check_rules(&settings, &mut reader.problems);
    let mut problems = reader.problems;
    problems.splice(0..0, values.problems.iter().cloned());
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(SettingsError(problems))
    }
}

fn read(from: &mut Reader<'_>) -> Settings {
    Settings {
        app_id: from.required("appId", "PARSE_SERVER_APPLICATION_ID"),
        app_name: from.text("appName"),
        master_key: SecretString::from(from.required("masterKey", "PARSE_SERVER_MASTER_KEY")),
        master_key_ips: from.ips("masterKeyIps"),
        read_only_master_key: from.secret("readOnlyMasterKey"),
        read_only_master_key_ips: from.ips("readOnlyMasterKeyIps"),
        maintenance_key: from.secret("maintenanceKey"),
        maintenance_key_ips: from.ips("maintenanceKeyIps"),
        client_key: from.secret("clientKey"),
        javascript_key: from.secret("javascriptKey"),
        rest_api_key: from.secret("restAPIKey"),
        dot_net_key: from.secret("dotNetKey"),
        database_uri: from.secret("databaseURI").unwrap_or_default(),
        collection_prefix: from.text("collectionPrefix").unwrap_or_default(),
        host: from.text("host").unwrap_or_default(),
        port: from.number("port").unwrap_or_default(),
        mount_path: from.mount_path(),
        server_url: from.text("serverURL"),
        public_server_url: from.text("publicServerURL"),
        trust_proxy: from
            .read("trustProxy", TrustProxy::from_value)
            .unwrap_or_default(),
        allow_headers: from.names("allowHeaders"),
        allow_origin: from.names("allowOrigin"),
        max_upload_size: from.bytes("maxUploadSize"),
        allow_client_class_creation: from.flag("allowClientClassCreation"),
        allow_custom_object_id: from.flag("allowCustomObjectId"),
        object_id_size: from.number("objectIdSize").unwrap_or_default(),
        default_limit: from.number("defaultLimit").unwrap_or_default(),
        max_limit: from.number("maxLimit"),
        cache_ttl: Duration::from_millis(from.number("cacheTTL").unwrap_or_default()),
        cache_max_size: from.number("cacheMaxSize").unwrap_or_default(),
        request_keyword_denylist: from
            .read("requestKeywordDenylist", protection::denied_keywords)
            .unwrap_or_default(),
        protected_fields: from.protected_fields(),
        protected_fields_owner_exempt: from.flag("protectedFieldsOwnerExempt"),
        protected_fields_save_response_exempt: from.flag("protectedFieldsSaveResponseExempt"),
        enable_sanitized_error_response: from.flag("enableSanitizedErrorResponse"),
        allow_public_explain: from
            .read("databaseOptions", data::allows_public_explain)
            .unwrap_or_default(),
        schema: from.read("schema", data::schema),
        query: from.read("query", data::query).unwrap_or_default(),
        allow_aggregation_for_read_only_master_key: from.flag("allowAggregationForReadOnlyMasterKey"),
        installation: from.read("installation", data::installation).unwrap_or_default(),
        rate_limits: from.read("rateLimit", guards::rate_limits).unwrap_or_default(),
        route_allow_list: from.read("routeAllowList", guards::route_allow_list),
        request_complexity: from
            .read("requestComplexity", guards::complexity)
            .unwrap_or_default(),
        idempotency: from
            .read("idempotencyOptions", guards::idempotency)
            .unwrap_or_default(),
        security: from.read("security", data::security).unwrap_or_default(),
        private_by_default: from.flag("privateByDefault"),
        stage: from.read("stage", stage).unwrap_or(Stage::Live),
        enable_anonymous_users: from.flag("enableAnonymousUsers") && from.anonymous_is_not_off(),
        enforce_private_users: from.flag("enforcePrivateUsers"),
        convert_email_to_lowercase: from.flag("convertEmailToLowercase"),
        convert_username_to_lowercase: from.flag("convertUsernameToLowercase"),
        expire_inactive_sessions: from.flag("expireInactiveSessions"),
        session_length: from.seconds("sessionLength"),
        extend_session_on_use: from.flag("extendSessionOnUse"),
        revoke_session_on_password_reset: from.flag("revokeSessionOnPasswordReset"),
        account_lockout: from.read("accountLockout", accounts::lockout),
        password_policy: from
            .read("passwordPolicy", accounts::password_policy)
            .unwrap_or_default(),
        auth: from.read("auth", providers::parse).unwrap_or_default(),
        auth_trusted_certificates: from.certificates("authTrustedCertificates"),
        mfa: from.read("auth", accounts::mfa).flatten(),
        mail: from.read("mail", mail::mail),
        email_verification: from.email_verification(),
        pages: from.pages(),
        verbose: from.flag("verbose"),
        silent: from.flag("silent"),
        log_level: from.text("logLevel"),
        json_logs: from.flag("jsonLogs"),
        otlp_endpoint: from.text("otlpEndpoint"),
        metrics_port: from.number("metricsPort"),
        usage_report: from.usage_report(),
        usage_app_id: from.text("usageAppId"),
        engine: from.text("engine").unwrap_or_default(),
        query_timeout: from
            .number("queryTimeout")
            .filter(|millis| *millis > 0)
            .map(Duration::from_millis),
        suspended: from.text("suspended"),
        drain_timeout: from.seconds("drainTimeout"),
    }
}

/// Rules about more than one option, or about what a text may be.
fn check_rules(settings: &Settings, problems: &mut Vec<Problem>) {
    let master = settings.master_key.expose_secret();
    let other_keys = [
        ("readOnlyMasterKey", &settings.read_only_master_key),
        ("maintenanceKey", &settings.maintenance_key),
        ("clientKey", &settings.client_key),
        ("javascriptKey", &settings.javascript_key),
        ("restAPIKey", &settings.rest_api_key),
        ("dotNetKey", &settings.dot_net_key),
    ];
    for (name, key) in other_keys {
        if key
            .as_ref()
            .is_some_and(|key| !master.is_empty() && key.expose_secret() == master)
        {
            problems.push(Problem::invalid(name, "must differ from masterKey"));
        }
    }
    let uri = settings.database_uri.expose_secret();
    if uri.starts_with("postgres") {
        problems.push(Problem::invalid(
            "databaseURI",
            "names PostgreSQL; this server stores objects in MongoDB",
        ));
    } else if !uri.starts_with("mongodb://") && !uri.starts_with("mongodb+srv://") {
        problems.push(Problem::invalid(
            "databaseURI",
            "must start with mongodb:// or mongodb+srv://",
        ));
    }
    check_mail(settings, problems);
    if let Some(level) = settings
        .log_level
        .as_deref()
        .filter(|level| !LOG_LEVELS.contains(level))
    {
        problems.push(Problem::invalid(
            "logLevel",
            format!("{level:?} must be one of {}", LOG_LEVELS.join(", ")),
        ));
    }
}

/// What mails to users need beside themselves.
fn check_mail(settings: &Settings, problems: &mut Vec<Problem>) {
    let verification = &settings.email_verification;
    let complete =
        settings.mail.is_some() && settings.app_name.is_some() && settings.public_server_url.is_some();
    if verification.required && !complete {
        problems.push(Problem::invalid(
            "verifyUserEmails",
            "needs mail, appName and publicServerURL",
        ));
    }
    check_translations(settings, problems);
    if verification.token_reuse_if_valid && verification.token_validity.is_none() {
        problems.push(Problem::invalid(
            "emailVerifyTokenReuseIfValid",
            "needs emailVerifyTokenValidityDuration",
        ));
    }
}

/// Texts in further languages are of no use where everything is said in one.
fn check_translations(settings: &Settings, problems: &mut Vec<Problem>) {
    if settings.pages.enable_localization {
        return;
    }
    let translated = |mail: &MailTemplate| !mail.translations.is_empty();
    if settings
        .mail
        .as_ref()
        .is_some_and(|mail| translated(&mail.verification) || translated(&mail.password_reset))
    {
        problems.push(Problem::invalid(
            "mail",
            "has translations, which need pages.enableLocalization",
        ));
    }
}

/// Levels of the logger Parse Server uses.
const LOG_LEVELS: [&str; 6] = ["error", "warn", "info", "verbose", "debug", "silly"];

fn stage(value: &Value) -> Result<Stage, String> {
    match value.as_str() {
        Some("building") => Ok(Stage::Building),
        Some("live") => Ok(Stage::Live),
        _ => Err("must be \"building\" or \"live\"".to_owned()),
    }
}

/// Takes values out by option name. `Values` has made sure of their kind, so a missing value is all that can happen
/// to the plain ones.
struct Reader<'a> {
    values: &'a Values,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn text(&self, name: &'static str) -> Option<String> {
        self.values.get(name)?.as_str().map(str::to_owned)
    }

    fn required(&mut self, name: &'static str, env: &'static str) -> String {
        self.text(name)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| {
                let already_named = self.values.problems.iter().any(|problem| problem.names(name));
                if !already_named {
                    self.problems.push(Problem::Missing { name, env });
                }
                String::new()
            })
    }

    /// An empty key is no key: it would let everybody in.
    fn secret(&self, name: &'static str) -> Option<SecretString> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .map(SecretString::from)
    }

    fn flag(&self, name: &'static str) -> bool {
        self.values
            .get(name)
            .and_then(|value| value.as_bool())
            .unwrap_or(false)
    }

    fn number<N: TryFrom<u64>>(&self, name: &'static str) -> Option<N> {
        self.values.get(name)?.as_u64()?.try_into().ok()
    }

    fn seconds(&self, name: &'static str) -> Duration {
        Duration::from_secs(self.number(name).unwrap_or_default())
    }

    fn bytes(&self, name: &'static str) -> usize {
        let value = self.values.get(name).unwrap_or_default();
        let bytes = value
            .as_str()
            .map_or_else(|| value.as_u64(), size::parse)
            .unwrap_or_default();
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    fn list(&self, name: &'static str) -> Vec<String> {
        let value = self.values.get(name).unwrap_or_default();
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn names(&mut self, name: &'static str) -> Vec<String> {
        let names = self.list(name);
        if names.iter().any(|name| name.trim().is_empty()) {
            self.problems
                .push(Problem::invalid(name, "must not contain empty texts"));
        }
        names
    }

    /// Certificates as text; each must hold at least one that can be read.
    fn certificates(&mut self, name: &'static str) -> Vec<String> {
        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject;
        let texts = self.list(name);
        let is_good = |text: &String| {
            let mut certificates = CertificateDer::pem_slice_iter(text.as_bytes()).peekable();
            certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
        };
        if !texts.iter().all(is_good) {
            self.problems.push(Problem::invalid(
                name,
                "must hold PEM texts, which begin with -----BEGIN CERTIFICATE-----",
            ));
        }
        texts
    }

    fn ips(&mut self, name: &'static str) -> IpRanges {
        IpRanges::parse(&self.list(name)).unwrap_or_else(|error| {
            self.problems.push(Problem::invalid(
                name,
                format!("contains an invalid entry: {error}"),
            ));
            IpRanges::default()
        })
    }

    fn read<T>(&mut self, name: &'static str, parse: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        let value = self.values.get(name)?;
        parse(&value)
            .map_err(|reason| self.problems.push(Problem::invalid(name, reason)))
            .ok()
    }

    fn mount_path(&mut self) -> String {
        let path = self.text("mountPath").unwrap_or_default();
        if !path.starts_with('/') || path.contains(['?', '#', '{', '}', ' ']) {
            self.problems
                .push(Problem::invalid("mountPath", "must be a path such as /parse"));
        }
        path.trim_end_matches('/').to_owned()
    }

    fn protected_fields(&mut self) -> super::ProtectedFields {
        let fields = self
            .read("protectedFields", protection::fields)
            .unwrap_or_default();
        let exempt = self.flag("protectedFieldsOwnerExempt");
        protection::with_defaults(fields, &self.list("userSensitiveFields"), exempt)
    }

    /// `auth.anonymous.enabled: false` refuses anonymous users as it does those of any provider.
    fn anonymous_is_not_off(&self) -> bool {
        let auth = self.values.get("auth").unwrap_or_default();
        auth.pointer("/anonymous/enabled") != Some(&Value::Bool(false))
    }

    fn email_verification(&self) -> EmailVerification {
        EmailVerification {
            required: self.flag("verifyUserEmails"),
            send: self.flag("sendUserEmailVerification"),
            prevents_login: self.flag("preventLoginWithUnverifiedEmail"),
            prevents_signup: self.flag("preventSignupWithUnverifiedEmail"),
            token_validity: self
                .number("emailVerifyTokenValidityDuration")
                .map(Duration::from_secs),
            token_reuse_if_valid: self.flag("emailVerifyTokenReuseIfValid"),
            success_on_invalid_email: self.flag("emailVerifySuccessOnInvalidEmail"),
        }
    }

    fn pages(&mut self) -> PagesSettings {
        let frame_url = self.read("customPages", pages::frame_url).flatten();
        PagesSettings {
            frame_url,
            ..self.read("pages", pages::pages).unwrap_or_default()
        }
    }

    fn usage_report(&mut self) -> Option<UsageReportSettings> {
        let url = self.text("usageReportURL")?;
        let interval = self.seconds("usageReportInterval");
        for (name, env) in [
            ("usageReportToken", "SLIPWAY_USAGE_REPORT_TOKEN"),
            ("usageAppId", "SLIPWAY_USAGE_APP_ID"),
        ] {
            if self.text(name).is_none() {
                self.problems.push(Problem::Missing { name, env });
            }
        }
        Some(UsageReportSettings {
            url,
            token: self.secret("usageReportToken")?,
            interval,
        })
    }
}
