//! The table of options: Parse Server 9.10's own (names, environment names and defaults from its `Definitions.js`) and
//! ours. Data only; the longest file of the area for that reason. A test holds it equal to Parse Server's list.

use super::options::Effect::{None as Ignored, Used};
use super::options::Kind::{
    Any, Bool, Ips, List, Number, Object, Secret, SecretObject, SecretUrl, Size, Text, Url,
};
use super::options::{Effect, Group, Kind, OptionSpec};

const fn option(
    name: &'static str,
    env: &'static str,
    kind: Kind,
    default: &'static str,
    effect: Effect,
    help: &'static str,
) -> OptionSpec {
    OptionSpec {
        name,
        env,
        kind,
        default,
        effect,
        help,
    }
}

const POSITIVE: Kind = Number(1, u64::MAX);

const NO_FUNCTIONS: Effect = Ignored("this version runs no functions yet");
const NO_MAIL_MODULE: Effect =
    Ignored("it loads a Node.js module, and this server is not Node.js; set mail instead");
const NO_FILES: Effect = Ignored("this version serves no files yet");
const NO_PUSH: Effect = Ignored("this version sends no push notifications yet");
const NO_LIVE_QUERY: Effect = Ignored("this version has no LiveQuery server yet");
const NO_GRAPHQL: Effect = Ignored("this version has no GraphQL endpoint yet");
const ALWAYS_VERIFIED: Effect =
    Ignored("a proof that is sent is always verified; one sent back unchanged is no claim");
const NO_BARE_TOKENS: Effect =
    Ignored("a bare access token may have been made for another app, so it is never enough");
const NO_TRIGGERS: Effect = Ignored("this version runs no triggers yet");
const NOT_YET: Effect = Ignored("this version does not enforce it yet");
const NO_NODE: Effect = Ignored("it loads a Node.js module, and this server is not Node.js");
const LOGS_TO_STDOUT: Effect = Ignored("logs go to standard error; let the service manager keep them");

pub const GROUPS: &[Group] = &[
    Group {
        title: "App and keys",
        options: APP,
    },
    Group {
        title: "Database",
        options: DATABASE,
    },
    Group {
        title: "HTTP",
        options: HTTP,
    },
    Group {
        title: "Objects and queries",
        options: OBJECTS,
    },
    Group {
        title: "Users and sessions",
        options: USERS,
    },
    Group {
        title: "E-mail",
        options: MAIL,
    },
    Group {
        title: "Files",
        options: FILES,
    },
    Group {
        title: "Push",
        options: PUSH,
    },
    Group {
        title: "LiveQuery",
        options: LIVE_QUERY,
    },
    Group {
        title: "GraphQL",
        options: GRAPHQL,
    },
    Group {
        title: "Functions and modules",
        options: FUNCTIONS,
    },
    Group {
        title: "Logs",
        options: LOGS,
    },
    Group {
        title: "Slipway's own",
        options: SLIPWAY,
    },
];

#[rustfmt::skip]
const APP: &[OptionSpec] = &[
    option("appId", "PARSE_SERVER_APPLICATION_ID", Text, "", Used, "Application id that clients send. Required."),
    option("appName", "PARSE_SERVER_APP_NAME", Text, "", Used, "Name shown to people."),
    option("masterKey", "PARSE_SERVER_MASTER_KEY", Secret, "", Used, "Key that bypasses every permission. Required."),
    option("masterKeyIps", "PARSE_SERVER_MASTER_KEY_IPS", Ips, r#"["127.0.0.1","::1"]"#, Used, "Addresses the master key works from."),
    option("masterKeyTtl", "PARSE_SERVER_MASTER_KEY_TTL", Number(0, u64::MAX), "", Ignored("the master key is a fixed text here, never a function"), "How long a computed master key is kept, in seconds."),
    option("readOnlyMasterKey", "PARSE_SERVER_READ_ONLY_MASTER_KEY", Secret, "", Used, "Key that reads everything and writes nothing."),
    option("readOnlyMasterKeyIps", "PARSE_SERVER_READ_ONLY_MASTER_KEY_IPS", Ips, r#"["0.0.0.0/0","::0"]"#, Used, "Addresses the read-only master key works from."),
    option("maintenanceKey", "PARSE_SERVER_MAINTENANCE_KEY", Secret, "", Used, "Key that may write internal fields."),
    option("maintenanceKeyIps", "PARSE_SERVER_MAINTENANCE_KEY_IPS", Ips, r#"["127.0.0.1","::1"]"#, Used, "Addresses the maintenance key works from."),
    option("clientKey", "PARSE_SERVER_CLIENT_KEY", Secret, "", Used, "Key of the iOS, macOS and tvOS SDKs."),
    option("javascriptKey", "PARSE_SERVER_JAVASCRIPT_KEY", Secret, "", Used, "Key of the JavaScript SDK."),
    option("restAPIKey", "PARSE_SERVER_REST_API_KEY", Secret, "", Used, "Key for REST calls."),
    option("dotNetKey", "PARSE_SERVER_DOT_NET_KEY", Secret, "", Used, "Key of the Unity and .NET SDKs."),
    option("webhookKey", "PARSE_SERVER_WEBHOOK_KEY", Secret, "", NO_TRIGGERS, "Key sent along with webhook calls."),
    option("encryptionKey", "PARSE_SERVER_ENCRYPTION_KEY", Secret, "", NO_FILES, "Key that files are encrypted with."),
    option("security", "PARSE_SERVER_SECURITY", Object, "{}", Used, "Security check that reports weak settings."),
];

#[rustfmt::skip]
const DATABASE: &[OptionSpec] = &[
    option("databaseURI", "PARSE_SERVER_DATABASE_URI", SecretUrl, r#""mongodb://localhost:27017/parse""#, Used, "MongoDB connection string; the path names the database."),
    option("databaseOptions", "PARSE_SERVER_DATABASE_OPTIONS", SecretObject, "", Used, "allowPublicExplain: clients may have their queries explained, not the master key alone. Options of the driver belong into databaseURI."),
    option("databaseAdapter", "PARSE_SERVER_DATABASE_ADAPTER", Any, "", NO_NODE, "Module that talks to the database."),
    option("collectionPrefix", "PARSE_SERVER_COLLECTION_PREFIX", Text, r#""""#, Used, "Text put before the name of every collection."),
    option("enableCollationCaseComparison", "PARSE_SERVER_ENABLE_COLLATION_CASE_COMPARISON", Bool, "false", NOT_YET, "Compare case by collation, for DocumentDB and serverless Atlas."),
    option("cacheTTL", "PARSE_SERVER_CACHE_TTL", Number(0, u64::MAX), "5000", Used, "How long schemas, roles and sessions are remembered, in milliseconds."),
    option("cacheMaxSize", "PARSE_SERVER_CACHE_MAX_SIZE", POSITIVE, "10000", Used, "Most entries each cache keeps."),
    option("cacheAdapter", "PARSE_SERVER_CACHE_ADAPTER", Any, "", NO_NODE, "Module that caches."),
    option("schema", "PARSE_SERVER_SCHEMA", Object, "", Used, "Classes and fields to create at start."),
];

#[rustfmt::skip]
const HTTP: &[OptionSpec] = &[
    option("host", "PARSE_SERVER_HOST", Text, r#""0.0.0.0""#, Used, "Address to listen on."),
    option("port", "PORT", Number(0, 65_535), "1337", Used, "Port to listen on; 0 takes a free one and logs it."),
    option("mountPath", "PARSE_SERVER_MOUNT_PATH", Text, r#""/parse""#, Used, "Path below which the API is served."),
    option("serverURL", "PARSE_SERVER_URL", Url, "", Used, "URL at which the server reaches itself."),
    option("publicServerURL", "PARSE_PUBLIC_SERVER_URL", Url, "", Used, "URL at which clients reach the server."),
    option("trustProxy", "PARSE_SERVER_TRUST_PROXY", Any, "[]", Used, "Proxies whose X-Forwarded-For is believed: true, a number of hops, or addresses."),
    option("allowHeaders", "PARSE_SERVER_ALLOW_HEADERS", List, "", Used, "More request headers that browsers may send."),
    option("allowOrigin", "PARSE_SERVER_ALLOW_ORIGIN", List, "", Used, "Origins that browsers may call from; any when unset."),
    option("maxUploadSize", "PARSE_SERVER_MAX_UPLOAD_SIZE", Size, r#""20mb""#, Used, "Largest request body."),
    option("rateLimit", "PARSE_SERVER_RATE_LIMIT", Any, "[]", Used, "Limits on repeated requests: from somebody's first request on, requestCount pass within requestTimeWindow (ms)."),
    option("routeAllowList", "PARSE_SERVER_ROUTE_ALLOW_LIST", List, "", Used, "Patterns of the only routes clients may call."),
    option("requestComplexity", "PARSE_SERVER_REQUEST_COMPLEXITY", Object, "{}", Used, "Limits on the depth and size of requests."),
    option("idempotencyOptions", "PARSE_SERVER_EXPERIMENTAL_IDEMPOTENCY_OPTIONS", Object, "{}", Used, "Which repeated requests are answered once."),
    option("enableExpressErrorHandler", "PARSE_SERVER_ENABLE_EXPRESS_ERROR_HANDLER", Bool, "false", NO_NODE, "Hand errors to Express."),
    option("middleware", "PARSE_SERVER_MIDDLEWARE", Any, "", NO_NODE, "Express middleware to load."),
    option("requestContextMiddleware", "PARSE_SERVER_REQUEST_CONTEXT_MIDDLEWARE", Any, "", NO_NODE, "Express middleware for the request context."),
    option("directAccess", "PARSE_SERVER_DIRECT_ACCESS", Bool, "true", NO_FUNCTIONS, "Let functions call the server without HTTP."),
    option("verifyServerUrl", "PARSE_SERVER_VERIFY_SERVER_URL", Bool, "true", Ignored("/health answers only when the server is ready, so nothing is left to verify"), "Call the own URL once after start."),
    option("cluster", "PARSE_SERVER_CLUSTER", Any, "", Ignored("one process uses every core already"), "Number of Node.js processes."),
    option("serverCloseComplete", "PARSE_SERVER_SERVER_CLOSE_COMPLETE", Any, "", NO_NODE, "Function called after the server has closed."),
];

#[rustfmt::skip]
const OBJECTS: &[OptionSpec] = &[
    option("allowClientClassCreation", "PARSE_SERVER_ALLOW_CLIENT_CLASS_CREATION", Bool, "false", Used, "Clients create classes by using them."),
    option("allowCustomObjectId", "PARSE_SERVER_ALLOW_CUSTOM_OBJECT_ID", Bool, "false", Used, "Clients choose the ids of new objects."),
    option("objectIdSize", "PARSE_SERVER_OBJECT_ID_SIZE", Number(1, 64), "10", Used, "Characters of a generated object id."),
    option("defaultLimit", "PARSE_SERVER_DEFAULT_LIMIT", Number(1, u32::MAX as u64), "100", Used, "Results of a query that names no limit."),
    option("maxLimit", "PARSE_SERVER_MAX_LIMIT", Number(1, u32::MAX as u64), "", Used, "Most results of any query; unlimited when unset."),
    option("query", "PARSE_SERVER_QUERY", Object, "{}", Used, "Defaults of aggregate queries."),
    option("allowAggregationForReadOnlyMasterKey", "PARSE_SERVER_ALLOW_AGGREGATION_FOR_READ_ONLY_MASTER_KEY", Bool, "true", Used, "The read-only master key may aggregate."),
    option("requestKeywordDenylist", "PARSE_SERVER_REQUEST_KEYWORD_DENYLIST", Any, r#"[{"key":"_bsontype","value":"Code"},{"key":"constructor"},{"key":"__proto__"}]"#, Used, "Keys and values that no request may hold."),
    option("protectedFields", "PARSE_SERVER_PROTECTED_FIELDS", Object, r#"{"_User":{"*":["email"]}}"#, Used, "Fields hidden per class and user group."),
    option("protectedFieldsOwnerExempt", "PARSE_SERVER_PROTECTED_FIELDS_OWNER_EXEMPT", Bool, "true", Used, "Users see all fields of their own user object."),
    option("protectedFieldsSaveResponseExempt", "PARSE_SERVER_PROTECTED_FIELDS_SAVE_RESPONSE_EXEMPT", Bool, "true", Used, "Answers to a save may show protected fields."),
    option("protectedFieldsTriggerExempt", "PARSE_SERVER_PROTECTED_FIELDS_TRIGGER_EXEMPT", Bool, "false", NO_TRIGGERS, "Triggers see protected fields."),
    option("userSensitiveFields", "PARSE_SERVER_USER_SENSITIVE_FIELDS", List, "", Used, "Older form of protectedFields for users; added to it."),
    option("enableSanitizedErrorResponse", "PARSE_SERVER_ENABLE_SANITIZED_ERROR_RESPONSE", Bool, "true", Used, "Clients are told that permission is missing, not which."),
    option("enableProductPurchaseLegacyApi", "PARSE_SERVER_ENABLE_PRODUCT_PURCHASE_LEGACY_API", Bool, "true", Ignored("the legacy purchase API is not offered"), "The legacy in-app purchase endpoint."),
    option("installation", "PARSE_SERVER_INSTALLATION", Object, "{}", Used, "What happens to installations that share a device token."),
    option("analyticsAdapter", "PARSE_SERVER_ANALYTICS_ADAPTER", Any, "", NO_NODE, "Module that takes analytics events."),
];

#[rustfmt::skip]
const USERS: &[OptionSpec] = &[
    option("enableAnonymousUsers", "PARSE_SERVER_ENABLE_ANON_USERS", Bool, "true", Used, "Anonymous sign-in."),
    option("enforcePrivateUsers", "PARSE_SERVER_ENFORCE_PRIVATE_USERS", Bool, "true", Used, "New users are readable by themselves only."),
    option("convertEmailToLowercase", "PARSE_SERVER_CONVERT_EMAIL_TO_LOWERCASE", Bool, "false", Used, "Store e-mail addresses in lower case."),
    option("convertUsernameToLowercase", "PARSE_SERVER_CONVERT_USERNAME_TO_LOWERCASE", Bool, "false", Used, "Store user names in lower case."),
    option("sessionLength", "PARSE_SERVER_SESSION_LENGTH", POSITIVE, "31536000", Used, "Life of a session, in seconds."),
    option("expireInactiveSessions", "PARSE_SERVER_EXPIRE_INACTIVE_SESSIONS", Bool, "true", Used, "Sessions end after sessionLength; otherwise never."),
    option("extendSessionOnUse", "PARSE_SERVER_EXTEND_SESSION_ON_USE", Bool, "false", Used, "Using a session past half of its life renews it."),
    option("revokeSessionOnPasswordReset", "PARSE_SERVER_REVOKE_SESSION_ON_PASSWORD_RESET", Bool, "true", Used, "A changed password ends the other sessions."),
    option("passwordPolicy", "PARSE_SERVER_PASSWORD_POLICY", Object, "", Used, "Rules for passwords."),
    option("accountLockout", "PARSE_SERVER_ACCOUNT_LOCKOUT", Object, "", Used, "Lock an account after failed log-ins."),
    option("auth", "PARSE_SERVER_AUTH_PROVIDERS", SecretObject, "", Used, "Sign-in providers."),
    option("enableInsecureAuthAdapters", "PARSE_SERVER_ENABLE_INSECURE_AUTH_ADAPTERS", Bool, "false", NO_BARE_TOKENS, "Sign-in providers known to be insecure."),
    option("allowExpiredAuthDataToken", "PARSE_SERVER_ALLOW_EXPIRED_AUTH_DATA_TOKEN", Bool, "false", ALWAYS_VERIFIED, "Accept a provider's token that has expired."),
];

#[rustfmt::skip]
const MAIL: &[OptionSpec] = &[
    option("emailAdapter", "PARSE_SERVER_EMAIL_ADAPTER", Any, "", NO_MAIL_MODULE, "Module that sends mail."),
    option("verifyUserEmails", "PARSE_SERVER_VERIFY_USER_EMAILS", Bool, "false", Used, "Users must prove their address."),
    option("sendUserEmailVerification", "PARSE_SERVER_SEND_USER_EMAIL_VERIFICATION", Bool, "true", Used, "Send the mail that proves an address."),
    option("preventLoginWithUnverifiedEmail", "PARSE_SERVER_PREVENT_LOGIN_WITH_UNVERIFIED_EMAIL", Bool, "false", Used, "No log-in before the address is proven."),
    option("preventSignupWithUnverifiedEmail", "PARSE_SERVER_PREVENT_SIGNUP_WITH_UNVERIFIED_EMAIL", Bool, "false", Used, "No session at sign-up before the address is proven."),
    option("emailVerifyTokenValidityDuration", "PARSE_SERVER_EMAIL_VERIFY_TOKEN_VALIDITY_DURATION", POSITIVE, "", Used, "Life of the link in the mail, in seconds."),
    option("emailVerifyTokenReuseIfValid", "PARSE_SERVER_EMAIL_VERIFY_TOKEN_REUSE_IF_VALID", Bool, "false", Used, "Send the same link again while it is valid."),
    option("emailVerifySuccessOnInvalidEmail", "PARSE_SERVER_EMAIL_VERIFY_SUCCESS_ON_INVALID_EMAIL", Bool, "true", Used, "Do not tell whether an address is known."),
    option("pages", "PARSE_SERVER_PAGES", Object, "{}", Used, "Pages behind the links in mails."),
    option("customPages", "PARSE_SERVER_CUSTOM_PAGES", Object, "{}", Used, "Older form of pages: a page that shows the linked one in a frame (parseFrameURL)."),
];

#[rustfmt::skip]
const FILES: &[OptionSpec] = &[
    option("filesAdapter", "PARSE_SERVER_FILES_ADAPTER", Any, "", NO_NODE, "Module that stores files."),
    option("fileUpload", "PARSE_SERVER_FILE_UPLOAD_OPTIONS", Object, "{}", NO_FILES, "Who may upload which files."),
    option("fileDownload", "PARSE_SERVER_FILE_DOWNLOAD_OPTIONS", Object, "{}", NO_FILES, "Who may download files."),
    option("fileKey", "PARSE_SERVER_FILE_KEY", Secret, "", NO_FILES, "Key in the names of files of old."),
    option("preserveFileName", "PARSE_SERVER_PRESERVE_FILE_NAME", Bool, "false", NO_FILES, "Keep file names as uploaded."),
];

#[rustfmt::skip]
const PUSH: &[OptionSpec] = &[
    option("push", "PARSE_SERVER_PUSH", Any, "", NO_PUSH, "Push credentials."),
    option("scheduledPush", "PARSE_SERVER_SCHEDULED_PUSH", Bool, "false", NO_PUSH, "Scheduled push notifications."),
];

#[rustfmt::skip]
const LIVE_QUERY: &[OptionSpec] = &[
    option("liveQuery", "PARSE_SERVER_LIVE_QUERY", Object, "", NO_LIVE_QUERY, "Classes that can be subscribed to."),
    option("liveQueryServerOptions", "PARSE_SERVER_LIVE_QUERY_SERVER_OPTIONS", Object, "", NO_LIVE_QUERY, "Options of the LiveQuery server."),
    option("startLiveQueryServer", "PARSE_SERVER_START_LIVE_QUERY_SERVER", Bool, "", NO_LIVE_QUERY, "Serve LiveQuery."),
];

#[rustfmt::skip]
const GRAPHQL: &[OptionSpec] = &[
    option("mountGraphQL", "PARSE_SERVER_MOUNT_GRAPHQL", Bool, "false", NO_GRAPHQL, "Serve GraphQL."),
    option("graphQLPath", "PARSE_SERVER_GRAPHQL_PATH", Text, r#""/graphql""#, NO_GRAPHQL, "Path of the GraphQL endpoint."),
    option("graphQLPublicIntrospection", "PARSE_SERVER_GRAPHQL_PUBLIC_INTROSPECTION", Bool, "false", NO_GRAPHQL, "Anybody may read the GraphQL schema."),
    option("graphQLSchema", "PARSE_SERVER_GRAPH_QLSCHEMA", Text, "", NO_GRAPHQL, "File with more GraphQL types."),
    option("mountPlayground", "PARSE_SERVER_MOUNT_PLAYGROUND", Bool, "false", NO_GRAPHQL, "Serve the GraphQL playground."),
    option("playgroundPath", "PARSE_SERVER_PLAYGROUND_PATH", Text, r#""/playground""#, NO_GRAPHQL, "Path of the GraphQL playground."),
];

#[rustfmt::skip]
const FUNCTIONS: &[OptionSpec] = &[
    option("cloud", "PARSE_SERVER_CLOUD", Any, "", NO_FUNCTIONS, "File with the app's functions."),
];

#[rustfmt::skip]
const LOGS: &[OptionSpec] = &[
    option("verbose", "VERBOSE", Bool, "", Used, "Log at debug level."),
    option("silent", "SILENT", Bool, "", Used, "Log errors only."),
    option("logLevel", "PARSE_SERVER_LOG_LEVEL", Text, "", Used, "Level of the log: error, warn, info, verbose, debug, silly."),
    option("jsonLogs", "JSON_LOGS", Bool, "", Used, "One JSON object per log line."),
    option("logLevels", "PARSE_SERVER_LOG_LEVELS", Object, "{}", NOT_YET, "Levels of single log events."),
    option("logsFolder", "PARSE_SERVER_LOGS_FOLDER", Any, r#""./logs""#, LOGS_TO_STDOUT, "Folder for log files."),
    option("maxLogFiles", "PARSE_SERVER_MAX_LOG_FILES", Any, "", LOGS_TO_STDOUT, "Most log files kept."),
    option("loggerAdapter", "PARSE_SERVER_LOGGER_ADAPTER", Any, "", NO_NODE, "Module that writes logs."),
];

#[rustfmt::skip]
const SLIPWAY: &[OptionSpec] = &[
    option("mail", "SLIPWAY_MAIL", SecretObject, "", Used, "How mail is sent: {\"smtpUrl\": \"smtps://user:password@host:465\", \"from\": \"App <app@example.org>\"}."),
    option("authTrustedCertificates", "SLIPWAY_AUTH_TRUSTED_CERTIFICATES", List, "[]", Used, "Certificates (PEM) of private authorities that sign-in providers may show, beside the system's."),
    option("privateByDefault", "SLIPWAY_PRIVATE_BY_DEFAULT", Bool, "false", Used, "Classes that clients create are private, each object to its creator."),
    option("stage", "SLIPWAY_STAGE", Text, r#""live""#, Used, "building: signed-in clients create classes and fields; live: they do not."),
    option("engine", "SLIPWAY_ENGINE", Text, r#""dev""#, Used, "Compute size, for the usage report."),
    option("queryTimeout", "SLIPWAY_QUERY_TIMEOUT", Number(0, 3_600_000), "30000", Used, "Longest that the database may work on one find or count, in milliseconds; 0: no limit."),
    option("suspended", "SLIPWAY_SUSPENDED", Text, "", Used, "Why the app does not serve: every request but the health check is answered with 402 and this sentence."),
    option("drainTimeout", "SLIPWAY_DRAIN_TIMEOUT", Number(0, 3_600), "10", Used, "How long requests may finish after SIGTERM, in seconds."),
    option("usageReportURL", "SLIPWAY_USAGE_REPORT_URL", Url, "", Used, "Where usage is reported; nowhere when unset."),
    option("usageReportToken", "SLIPWAY_USAGE_REPORT_TOKEN", Secret, "", Used, "Bearer token of the report."),
    option("usageReportInterval", "SLIPWAY_USAGE_REPORT_INTERVAL", Number(1, 86_400), "10", Used, "Time between two reports, in seconds."),
    option("usageAppId", "SLIPWAY_USAGE_APP_ID", Text, "", Used, "The app's id in the report."),
    option("otlpEndpoint", "SLIPWAY_OTLP_ENDPOINT", Url, "", Used, "OpenTelemetry collector that takes traces."),
    option("metricsPort", "SLIPWAY_METRICS_PORT", Number(1, 65_535), "", Used, "Port on this machine that serves Prometheus metrics; off when unset."),
];
