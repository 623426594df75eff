//! The owner's options in the order of the settings page, and the platform's with the reason. Data only.

use super::{Field, OwnerOption, Section};
use crate::options::Kind::{self, Bool, List, Number, Object, Secret, SecretUrl, Text, Url};

/// Parts of the settings page, in order.
pub const SECTIONS: &[Section] = &[
    Section {
        id: "users",
        title: "Sign-in and users",
        about: "Who may sign in, how long they stay signed in, and what a password must be like.",
    },
    Section {
        id: "security",
        title: "Security",
        about: "What people can do without being asked for more, and from where the master key works.",
    },
    Section {
        id: "limits",
        title: "Limits",
        about: "How much one request may ask for, and how often somebody may ask.",
    },
    Section {
        id: "email",
        title: "E-mail",
        about: "The mail server that sends your app's mails, and what the mails lead to.",
    },
    Section {
        id: "providers",
        title: "Social login",
        about: "Accounts elsewhere that people may sign in with.",
    },
    Section {
        id: "data",
        title: "Data",
        about: "How objects and queries behave.",
    },
];

/// Options that the platform sets itself, with the reason.
pub const PLATFORM: &[(&str, &str)] = &[
    ("appId", "it never changes"),
    (
        "appName",
        "it is the app's name, which `PATCH /api/v1/apps/{id}` changes",
    ),
    ("masterKey", "keys are changed on Start, panel Keys"),
    ("readOnlyMasterKey", "the platform makes no such key yet"),
    ("readOnlyMasterKeyIps", "the platform makes no such key yet"),
    ("maintenanceKey", "the platform makes no such key yet"),
    ("maintenanceKeyIps", "the platform makes no such key yet"),
    ("clientKey", "keys are changed on Start, panel Keys"),
    ("javascriptKey", "keys are changed on Start, panel Keys"),
    ("restAPIKey", "keys are changed on Start, panel Keys"),
    ("dotNetKey", "the platform makes no such key; use the client key"),
    ("databaseURI", "the platform keeps the database"),
    ("collectionPrefix", "the platform keeps the database"),
    ("cacheTTL", "the platform keeps the caches"),
    ("cacheMaxSize", "the platform keeps the caches"),
    ("host", "the platform keeps the addresses"),
    ("port", "the platform keeps the addresses"),
    ("mountPath", "the platform keeps the addresses"),
    ("serverURL", "the platform keeps the addresses"),
    ("publicServerURL", "the platform keeps the addresses"),
    ("trustProxy", "the platform knows its own proxies"),
    (
        "userSensitiveFields",
        "it is the older form of protectedFields; use that",
    ),
    ("customPages", "it is the older form of pages; use that"),
    ("verbose", "the platform keeps the logs"),
    ("silent", "the platform keeps the logs"),
    ("logLevel", "the platform keeps the logs"),
    ("jsonLogs", "the platform keeps the logs"),
    ("otlpEndpoint", "the platform keeps the logs"),
    ("metricsPort", "the platform keeps the logs"),
    ("engine", "the engine is chosen with the app's size"),
    ("suspended", "an app is paused and resumed as a whole"),
    (
        "queryTimeout",
        "the platform bounds how long a database may work on one query",
    ),
    ("drainTimeout", "the platform starts and stops the app"),
    ("usageReportURL", "the platform counts the usage"),
    ("usageReportToken", "the platform counts the usage"),
    ("usageReportInterval", "the platform counts the usage"),
    ("usageAppId", "the platform counts the usage"),
];

const fn option(section: &'static str, name: &'static str, title: &'static str) -> OwnerOption {
    OwnerOption {
        name,
        section,
        title,
        fields: &[],
        choices: &[],
    }
}

const fn object(
    section: &'static str,
    name: &'static str,
    title: &'static str,
    fields: &'static [Field],
) -> OwnerOption {
    OwnerOption {
        fields,
        ..option(section, name, title)
    }
}

const fn field(name: &'static str, title: &'static str, kind: Kind, help: &'static str) -> Field {
    Field {
        name,
        title,
        kind,
        help,
        fields: &[],
    }
}

const fn group(name: &'static str, title: &'static str, fields: &'static [Field]) -> Field {
    Field {
        fields,
        ..field(name, title, Object, "")
    }
}

/// The owner's options in the order of the page.
#[rustfmt::skip]
pub const OPTIONS: &[OwnerOption] = &[
    option("users", "enableAnonymousUsers", "Anonymous users"),
    option("users", "enforcePrivateUsers", "Users are private"),
    option("users", "sessionLength", "Session length in seconds"),
    option("users", "expireInactiveSessions", "Sessions end"),
    option("users", "extendSessionOnUse", "Use renews a session"),
    option("users", "revokeSessionOnPasswordReset", "A new password ends other sessions"),
    option("users", "convertEmailToLowercase", "E-mail addresses in lower case"),
    option("users", "convertUsernameToLowercase", "User names in lower case"),
    object("users", "passwordPolicy", "Passwords", PASSWORDS),
    object("users", "accountLockout", "Lock after failed log-ins", LOCKOUT),

    OwnerOption { choices: &["building", "live"], ..option("security", "stage", "Stage") },
    option("security", "privateByDefault", "New classes are private"),
    option("security", "allowClientClassCreation", "Clients create classes"),
    option("security", "masterKeyIps", "Addresses the master key works from"),
    option("security", "allowOrigin", "Websites that may call the app"),
    option("security", "allowHeaders", "Further request headers"),
    option("security", "enableSanitizedErrorResponse", "Errors tell no details"),
    option("security", "protectedFields", "Protected fields"),
    option("security", "protectedFieldsOwnerExempt", "Users see their own protected fields"),
    option("security", "protectedFieldsSaveResponseExempt", "Answers to a save show protected fields"),
    option("security", "requestKeywordDenylist", "Forbidden keywords"),
    option("security", "routeAllowList", "Only these routes"),
    object("security", "security", "Security check", SECURITY_CHECK),
    object("security", "databaseOptions", "Database", DATABASE),

    option("limits", "defaultLimit", "Results of a query that names no limit"),
    option("limits", "maxLimit", "Most results of any query"),
    option("limits", "maxUploadSize", "Largest request"),
    object("limits", "requestComplexity", "Shape of requests", COMPLEXITY),
    option("limits", "rateLimit", "Repeated requests"),
    object("limits", "idempotencyOptions", "Requests answered once", IDEMPOTENCY),

    object("email", "mail", "Mail server", MAIL),
    option("email", "verifyUserEmails", "Users prove their address"),
    option("email", "sendUserEmailVerification", "Send the mail that proves an address"),
    option("email", "preventLoginWithUnverifiedEmail", "No log-in before that"),
    option("email", "preventSignupWithUnverifiedEmail", "No session at sign-up before that"),
    option("email", "emailVerifyTokenValidityDuration", "Life of the link in seconds"),
    option("email", "emailVerifyTokenReuseIfValid", "Send the same link again while it is valid"),
    option("email", "emailVerifySuccessOnInvalidEmail", "Do not tell whether an address is known"),
    object("email", "pages", "Pages behind the links", PAGES),

    object("providers", "auth", "Providers", PROVIDERS),
    option("providers", "authTrustedCertificates", "Certificates of private authorities"),

    option("data", "allowCustomObjectId", "Clients choose object ids"),
    option("data", "objectIdSize", "Length of object ids"),
    object("data", "query", "Aggregate queries", QUERY),
    option("data", "allowAggregationForReadOnlyMasterKey", "The read-only key aggregates"),
    object("data", "installation", "Installations", INSTALLATION),
    option("data", "schema", "Classes in the settings"),
];

const COUNT: Kind = Number(1, u32::MAX as u64);

#[rustfmt::skip]
const PASSWORDS: &[Field] = &[
    field("validatorPattern", "Pattern", Text, "A regular expression that every password must match."),
    field("validationError", "Explanation", Text, "Said to people whose password does not match."),
    field("doNotAllowUsername", "Not the user name", Bool, "A password may not hold the user name."),
    field("maxPasswordAge", "Days until it must be changed", Number(0, 36_525), "0 means never."),
    field("maxPasswordHistory", "Old passwords refused", Number(0, 20), ""),
    field("resetTokenValidityDuration", "Life of a reset link in seconds", COUNT, ""),
    field("resetTokenReuseIfValid", "Send the same reset link again while it is valid", Bool, ""),
    field("resetPasswordSuccessOnInvalidEmail", "Do not tell whether an address is known", Bool, ""),
];

#[rustfmt::skip]
const LOCKOUT: &[Field] = &[
    field("threshold", "Failed log-ins in a row", Number(1, 999), "So many lock the account."),
    field("duration", "Minutes locked", Number(1, 99_999), ""),
    field("unlockOnPasswordReset", "A new password unlocks", Bool, ""),
];

#[rustfmt::skip]
const SECURITY_CHECK: &[Field] = &[
    field("enableCheck", "Offer the check", Bool, "`GET /security` reports weak settings to the master key."),
    field("enableCheckLog", "Write it into the log", Bool, ""),
];

#[rustfmt::skip]
const DATABASE: &[Field] = &[
    field("allowPublicExplain", "Clients have queries explained", Bool, "A plan tells about data and indexes; off, it is for the master key."),
];

#[rustfmt::skip]
const COMPLEXITY: &[Field] = &[
    field("includeDepth", "Depth of include", COUNT, ""),
    field("includeCount", "Pointers included", COUNT, ""),
    field("subqueryDepth", "Depth of subqueries", COUNT, ""),
    field("subqueryLimit", "Results of a subquery", COUNT, ""),
    field("queryDepth", "Depth of $or, $and and $nor", COUNT, ""),
    field("batchRequestLimit", "Requests in a batch", COUNT, ""),
    field("allowRegex", "Regular expressions in queries", Bool, ""),
];

#[rustfmt::skip]
const IDEMPOTENCY: &[Field] = &[
    field("paths", "Paths", List, "Regular expressions such as classes/Order; none means off."),
    field("ttl", "Seconds remembered", Number(1, 31_622_400), ""),
];

#[rustfmt::skip]
const MAIL: &[Field] = &[
    field("smtpUrl", "Server", SecretUrl, "Such as smtps://user:password@smtp.example.org:465."),
    field("from", "From", Text, "Such as App <app@example.org>."),
    field("replyTo", "Reply to", Text, ""),
    group("verification", "Mail that proves an address", LETTER),
    group("passwordReset", "Mail that resets a password", LETTER),
];

#[rustfmt::skip]
const LETTER: &[Field] = &[
    field("subject", "Subject", Text, "With {{appName}}, {{link}}, {{username}} and {{email}}."),
    field("text", "Text", Text, ""),
    field("html", "HTML", Text, ""),
    field("translations", "In other languages", Object, "By locale, such as {\"de\": {\"subject\": \"…\"}}; needs pages in the visitor's language."),
];

#[rustfmt::skip]
const PAGES: &[Field] = &[
    field("pagesEndpoint", "First part of their path", Text, ""),
    field("enableLocalization", "In the visitor's language", Bool, "Mails, too."),
    field("localizationFallbackLocale", "Language otherwise", Text, ""),
    field("translations", "Own words by language", Object, "Such as {\"it\": {\"translation\": {\"resetTitle\": \"…\"}}}."),
    field("forceRedirect", "Always redirect", Bool, ""),
    field("encodePageParamHeaders", "Encode the headers of pages", Bool, ""),
    group("customUrls", "Own pages", CUSTOM_URLS),
    field("placeholders", "Own values for the pages", Object, ""),
];

#[rustfmt::skip]
const CUSTOM_URLS: &[Field] = &[
    field("passwordReset", "Choose a password", Url, ""),
    field("passwordResetSuccess", "Password changed", Url, ""),
    field("passwordResetLinkInvalid", "Reset link is no good", Url, ""),
    field("emailVerificationSuccess", "Address proven", Url, ""),
    field("emailVerificationSendSuccess", "Mail sent again", Url, ""),
    field("emailVerificationSendFail", "Mail not sent", Url, ""),
    field("emailVerificationLinkInvalid", "Link is no good", Url, ""),
    field("emailVerificationLinkExpired", "Link has expired", Url, ""),
];

#[rustfmt::skip]
const QUERY: &[Field] = &[
    field("aggregationRawValues", "Values as they are stored", Bool, ""),
    field("aggregationRawFieldNames", "Field names as they are stored", Bool, ""),
];

#[rustfmt::skip]
const INSTALLATION: &[Field] = &[
    field("duplicateDeviceTokenAction", "Installations that share a device token", Text, "delete or update."),
    field("duplicateDeviceTokenMergePriority", "Which of two stays", Text, "deviceToken or installationId."),
    field("duplicateDeviceTokenActionEnforceAuth", "Only with permission", Bool, ""),
];

#[rustfmt::skip]
const PROVIDERS: &[Field] = &[
    group("apple", "Apple", CLIENT_IDS),
    group("google", "Google", CLIENT_IDS),
    group("facebook", "Facebook", FACEBOOK),
    group("github", "GitHub", CLIENT_AND_SECRET),
    group("gitlab", "GitLab", CLIENT_AND_SECRET),
    group("microsoft", "Microsoft", CLIENT_AND_SECRET),
    group("linkedin", "LinkedIn", CLIENT_AND_SECRET),
    group("discord", "Discord", CLIENT_AND_SECRET),
    group("x", "X", CLIENT_AND_SECRET),
    group("spotify", "Spotify", CLIENT_AND_SECRET),
    group("line", "LINE", CLIENT_AND_SECRET),
    group("wechat", "WeChat", CLIENT_AND_SECRET),
    group("mfa", "One-time passwords", MFA),
];

#[rustfmt::skip]
const CLIENT_IDS: &[Field] = &[
    field("enabled", "On", Bool, ""),
    field("clientId", "Client ids", List, ""),
];

#[rustfmt::skip]
const FACEBOOK: &[Field] = &[
    field("enabled", "On", Bool, ""),
    field("appIds", "App ids", List, ""),
    field("appSecret", "App secret", Secret, ""),
];

#[rustfmt::skip]
const CLIENT_AND_SECRET: &[Field] = &[
    field("enabled", "On", Bool, ""),
    field("clientId", "Client id", Text, ""),
    field("clientSecret", "Client secret", Secret, ""),
];

#[rustfmt::skip]
const MFA: &[Field] = &[
    field("enabled", "On", Bool, ""),
    field("options", "Methods", List, "TOTP is the one there is."),
    field("digits", "Digits", Number(4, 10), ""),
    field("period", "Seconds a password lasts", Number(10, 3_600), ""),
    field("algorithm", "Algorithm", Text, "SHA1, SHA256 or SHA512."),
];
