//! What of Parse Server's options is known and changes nothing here: whole options, fields of others, and values without
//! the ones they need. Such settings are taken with a reason, so that a Parse Server's file moves over as it is.

use serde_json::Value;

use super::options::{self, Effect, OptionSpec};
use super::values::Values;

const DATABASE: &str = "databaseOptions";

const NODE: &str = "it names functions or modules of Node.js, and this server is not Node.js";
const REDIS: &str = "each process counts by itself, so that a limit holds once per replica";
const GRAPHQL: &str = "this version has no GraphQL endpoint yet";
const OLD_PAGES: &str = "it is the older form of pages; set pages.customUrls";
const STREAM: &str = "processes learn of changed classes from the database, else after cacheTTL";
const INDEXES: &str = "users and roles always have the indexes that sign-up and log-in need";
const DRIVER: &str = "options of the database driver belong into the query part of databaseURI here";
const BY_DRIVER: &str = "it is about MongoDB's driver for Node.js";

/// A field of an option that is known and changes nothing.
struct Field {
    option: &'static str,
    name: &'static str,
    reason: &'static str,
}

const fn field(option: &'static str, name: &'static str, reason: &'static str) -> Field {
    Field { option, name, reason }
}

#[rustfmt::skip]
const FIELDS: &[Field] = &[
    field("security", "checkGroups", NODE),
    field("schema", "beforeMigration", NODE),
    field("schema", "afterMigration", NODE),
    field("pages", "customRoutes", NODE),
    field("rateLimit", "redisUrl", REDIS),
    field("requestComplexity", "graphQLDepth", GRAPHQL),
    field("requestComplexity", "graphQLFields", GRAPHQL),
    field("customPages", "choosePassword", OLD_PAGES),
    field("customPages", "expiredVerificationLink", OLD_PAGES),
    field("customPages", "invalidLink", OLD_PAGES),
    field("customPages", "invalidPasswordResetLink", OLD_PAGES),
    field("customPages", "invalidVerificationLink", OLD_PAGES),
    field("customPages", "linkSendFail", OLD_PAGES),
    field("customPages", "linkSendSuccess", OLD_PAGES),
    field("customPages", "passwordResetSuccess", OLD_PAGES),
    field("customPages", "verifyEmailSuccess", OLD_PAGES),
    field(DATABASE, "enableSchemaHooks", STREAM),
    field(DATABASE, "schemaCacheTtl", STREAM),
    field(DATABASE, "createIndexAuthDataUniqueness", INDEXES),
    field(DATABASE, "createIndexRoleName", INDEXES),
    field(DATABASE, "createIndexUserEmail", INDEXES),
    field(DATABASE, "createIndexUserEmailCaseInsensitive", INDEXES),
    field(DATABASE, "createIndexUserEmailVerifyToken", INDEXES),
    field(DATABASE, "createIndexUserPasswordResetToken", INDEXES),
    field(DATABASE, "createIndexUserUsername", INDEXES),
    field(DATABASE, "createIndexUserUsernameCaseInsensitive", INDEXES),
    field(DATABASE, "disableIndexFieldValidation", "an index is made of fields that exist, always"),
    field(DATABASE, "maxTimeMS", "queryTimeout says how long the database may work on a query"),
    field(DATABASE, "batchSize", "an answer's size in bytes is bounded instead"),
    field(DATABASE, "logClientEvents", BY_DRIVER),
    field(DATABASE, "clientMetadata", BY_DRIVER),
    field(DATABASE, "forceServerObjectId", BY_DRIVER),
    field(DATABASE, "autoSelectFamily", BY_DRIVER),
    field(DATABASE, "autoSelectFamilyAttemptTimeout", BY_DRIVER),
    field(DATABASE, "appName", DRIVER),
    field(DATABASE, "authMechanism", DRIVER),
    field(DATABASE, "authMechanismProperties", DRIVER),
    field(DATABASE, "authSource", DRIVER),
    field(DATABASE, "compressors", DRIVER),
    field(DATABASE, "connectTimeoutMS", DRIVER),
    field(DATABASE, "directConnection", DRIVER),
    field(DATABASE, "heartbeatFrequencyMS", DRIVER),
    field(DATABASE, "loadBalanced", DRIVER),
    field(DATABASE, "localThresholdMS", DRIVER),
    field(DATABASE, "maxConnecting", DRIVER),
    field(DATABASE, "maxIdleTimeMS", DRIVER),
    field(DATABASE, "maxPoolSize", DRIVER),
    field(DATABASE, "maxStalenessSeconds", DRIVER),
    field(DATABASE, "minPoolSize", DRIVER),
    field(DATABASE, "proxyHost", DRIVER),
    field(DATABASE, "proxyPassword", DRIVER),
    field(DATABASE, "proxyPort", DRIVER),
    field(DATABASE, "proxyUsername", DRIVER),
    field(DATABASE, "readConcernLevel", DRIVER),
    field(DATABASE, "readPreference", DRIVER),
    field(DATABASE, "readPreferenceTags", DRIVER),
    field(DATABASE, "replicaSet", DRIVER),
    field(DATABASE, "retryReads", DRIVER),
    field(DATABASE, "retryWrites", DRIVER),
    field(DATABASE, "serverMonitoringMode", DRIVER),
    field(DATABASE, "serverSelectionTimeoutMS", DRIVER),
    field(DATABASE, "socketTimeoutMS", DRIVER),
    field(DATABASE, "srvMaxHosts", DRIVER),
    field(DATABASE, "srvServiceName", DRIVER),
    field(DATABASE, "ssl", DRIVER),
    field(DATABASE, "tls", DRIVER),
    field(DATABASE, "tlsAllowInvalidCertificates", DRIVER),
    field(DATABASE, "tlsAllowInvalidHostnames", DRIVER),
    field(DATABASE, "tlsCAFile", DRIVER),
    field(DATABASE, "tlsCertificateKeyFile", DRIVER),
    field(DATABASE, "tlsCertificateKeyFilePassword", DRIVER),
    field(DATABASE, "tlsInsecure", DRIVER),
    field(DATABASE, "waitQueueTimeoutMS", DRIVER),
    field(DATABASE, "zlibCompressionLevel", DRIVER),
];

/// Pairs of an option and those without which it changes nothing, unless they are true.
const COMPANIONS: &[(&str, &[&str])] = &[
    ("preventLoginWithUnverifiedEmail", &["verifyUserEmails"]),
    (
        "preventSignupWithUnverifiedEmail",
        &["verifyUserEmails", "preventLoginWithUnverifiedEmail"],
    ),
];

/// The fields of `used`, and those of this option that are known besides.
pub fn known<'a>(option: &str, used: &[&'a str]) -> Vec<&'a str> {
    let needless = FIELDS.iter().filter(|field| field.option == option);
    used.iter()
        .copied()
        .chain(needless.map(|field| field.name))
        .collect()
}

/// Why this field of an option changes nothing, if it is one that is known and does not.
pub fn reason(option: &str, field: &str) -> Option<&'static str> {
    let found = FIELDS
        .iter()
        .find(|known| known.option == option && known.name == field);
    found.map(|known| known.reason)
}

/// One sentence about each setting that changes nothing.
pub fn warnings(values: &Values) -> Vec<String> {
    let mut warnings = Vec::new();
    for option in options::all().filter(|option| values.differs_from_default(option)) {
        match option.effect {
            Effect::None(reason) => warnings.push(format!("{} has no effect: {reason}", option.name)),
            Effect::Used => warnings.extend(about_fields(option, values)),
        }
    }
    for (name, needed) in COMPANIONS {
        let is_on = |name: &'static str| values.get(name) == Some(Value::Bool(true));
        if is_on(name) && !needed.iter().all(|needed| is_on(needed)) {
            warnings.push(format!("{name} has no effect without {}", needed.join(" and ")));
        }
    }
    warnings
}

fn about_fields(option: &OptionSpec, values: &Values) -> Vec<String> {
    let value = values.get(option.name).unwrap_or_default();
    let objects = value
        .as_array()
        .map_or(std::slice::from_ref(&value), Vec::as_slice);
    let is_set = |name: &str| objects.iter().any(|object| says_something(object.get(name)));
    FIELDS
        .iter()
        .filter(|field| field.option == option.name && is_set(field.name))
        .map(|field| format!("{}.{} has no effect: {}", field.option, field.name, field.reason))
        .collect()
}

/// What is absent, empty, or unlimited is nothing that somebody could miss.
fn says_something(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Number(number)) => number.as_i64() != Some(-1),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(Value::Bool(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::Settings;

    fn told(settings: &Value) -> Vec<String> {
        let mut values = Values::default();
        for (name, value) in settings.as_object().unwrap() {
            values.set_from_file(name, value.clone());
        }
        warnings(&values)
    }

    #[test]
    fn no_field_of_parse_server_keeps_the_server_from_starting() {
        for line in include_str!("parse_server_9_10_fields.tsv").lines() {
            let (option, field) = line.split_once('\t').unwrap();
            let mut value = match option {
                "accountLockout" => json!({"threshold": 3, "duration": 1}),
                "rateLimit" => json!({"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1}),
                _ => json!({}),
            };
            value.as_object_mut().unwrap().entry(field).or_insert(Value::Null);
            let options = json!({"appId": "a", "masterKey": "m", option: value});
            let read = Settings::from_options(options.as_object().unwrap());
            assert!(read.is_ok(), "{option}.{field}: {}", read.unwrap_err());
        }
    }

    #[test]
    fn every_needless_field_is_one_of_parse_server_and_says_why() {
        let known = include_str!("parse_server_9_10_fields.tsv");
        for Field { option, name, reason } in FIELDS {
            assert!(
                known.lines().any(|line| line == format!("{option}\t{name}")),
                "{option}.{name}"
            );
            let mut value = json!({ *name: ["something"] });
            if *option == "rateLimit" {
                value = json!([value]);
            }
            assert_eq!(
                told(&json!({ *option: value })),
                [format!("{option}.{name} has no effect: {reason}")]
            );
        }
    }

    #[test]
    fn what_says_nothing_needs_no_warning() {
        let settings = json!({
            "requestComplexity": {"graphQLDepth": -1, "graphQLFields": null, "queryDepth": 3},
            "pages": {"customRoutes": []},
            "rateLimit": [{"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1, "redisUrl": ""}],
            "databaseOptions": {"allowPublicExplain": true},
        });
        assert_eq!(told(&settings), Vec::<String>::new());
    }

    #[test]
    fn an_option_without_its_companions_is_told() {
        let login = "preventLoginWithUnverifiedEmail has no effect without verifyUserEmails";
        let sign_up = "preventSignupWithUnverifiedEmail has no effect without verifyUserEmails and \
                       preventLoginWithUnverifiedEmail";
        for (settings, expected) in [
            (json!({"preventLoginWithUnverifiedEmail": true}), vec![login]),
            (
                json!({"preventSignupWithUnverifiedEmail": true, "verifyUserEmails": true}),
                vec![sign_up],
            ),
            (
                json!({"preventLoginWithUnverifiedEmail": true, "verifyUserEmails": true}),
                vec![],
            ),
        ] {
            assert_eq!(told(&settings), expected, "{settings}");
        }
    }
}
