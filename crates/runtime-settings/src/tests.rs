//! The settings as a whole: what a person writes, and what the server makes of it.

#![allow(clippy::unwrap_used)]

use std::io::Write;

use secrecy::ExposeSecret;
use serde_json::json;

use super::*;

fn options(more: Value) -> serde_json::Map<String, Value> {
    let mut options = json!({"appId": "notes", "masterKey": "m4ster"})
        .as_object()
        .cloned()
        .unwrap();
    options.extend(more.as_object().cloned().unwrap());
    options
}

fn problems(more: Value) -> Vec<String> {
    let error = Settings::from_options(&options(more)).unwrap_err();
    error.0.iter().map(ToString::to_string).collect()
}

#[test]
fn defaults_are_those_of_parse_server() {
    let settings = Settings::from_options(&options(json!({}))).unwrap();
    assert_eq!((settings.host.as_str(), settings.port), ("0.0.0.0", 1337));
    assert_eq!(settings.mount_path, "/parse");
    assert_eq!(settings.max_upload_size, 20 * 1024 * 1024);
    assert_eq!(settings.session_length.as_secs(), 31_536_000);
    assert_eq!((settings.default_limit, settings.max_limit), (100, None));
    assert_eq!(settings.cache_ttl, Duration::from_secs(5));
    assert_eq!(settings.protected_fields["_User"]["*"], ["email"]);
    assert_eq!(settings.request_keyword_denylist.len(), 3);
    assert!(settings.enforce_private_users && settings.enable_anonymous_users);
    assert!(!settings.allow_client_class_creation && !settings.private_by_default);
    assert_eq!(
        (settings.trust_proxy, settings.stage),
        (TrustProxy::Nobody, Stage::Live)
    );
    assert!(
        settings
            .read_only_master_key_ips
            .contains("203.0.113.9".parse().unwrap())
    );
    assert!(!settings.master_key_ips.contains("203.0.113.9".parse().unwrap()));
}

#[test]
fn every_problem_is_reported_at_once() {
    let options = json!({"masterKey": 1, "databaseUrl": "x", "port": 70_000, "verbose": "perhaps"});
    let error = Settings::from_options(options.as_object().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the settings have 5 problems:\n  \
         - masterKey must be text\n  \
         - unknown option \"databaseUrl\"; did you mean \"databaseURI\"?\n  \
         - port must be a whole number from 0 to 65535\n  \
         - verbose must be true or false\n  \
         - appId is required; write it into the settings file or set PARSE_SERVER_APPLICATION_ID"
    );
}

#[test]
fn each_rule_names_its_option() {
    for (option, value, part) in [
        ("readOnlyMasterKey", json!("m4ster"), "differ from masterKey"),
        ("maintenanceKey", json!("m4ster"), "differ from masterKey"),
        ("sessionLength", json!(0), "at least 1"),
        ("maxLimit", json!(0), "from 1 to"),
        ("defaultLimit", json!(-1), "from 1 to"),
        ("objectIdSize", json!(0), "from 1 to 64"),
        ("masterKeyIps", json!(["10.0.0"]), "\"10.0.0\" is no IP address"),
        ("mountPath", json!("parse"), "such as /parse"),
        ("maxUploadSize", json!("many"), "such as 20mb"),
        ("publicServerURL", json!("example.org"), "http://"),
        ("databaseURI", json!("postgres://localhost/parse"), "MongoDB"),
        ("databaseURI", json!("localhost"), "mongodb://"),
        ("allowHeaders", json!(["X-A", " "]), "empty"),
        ("stage", json!("open"), "building"),
        ("logLevel", json!("loud"), "one of error, warn"),
        ("trustProxy", json!({}), "number of hops"),
        ("protectedFields", json!({"_User": []}), "userGroup"),
        (
            "verifyUserEmails",
            json!(true),
            "needs mail, appName and publicServerURL",
        ),
        (
            "emailVerifyTokenReuseIfValid",
            json!(true),
            "emailVerifyTokenValidityDuration",
        ),
        ("accountLockout", json!({"threshold": 3}), "duration"),
        (
            "passwordPolicy",
            json!({"validatorPattern": "(["}),
            "validatorPattern",
        ),
        ("mail", json!({"from": "app@example.org"}), "smtpUrl"),
        (
            "mail",
            json!({"smtpUrl": "smtp://h", "from": "a@b.c", "passwordReset": {"translations": {"de": {"text": "Hallo"}}}}),
            "pages.enableLocalization",
        ),
        ("auth", json!({"mfa": {"options": ["SMS"]}}), "TOTP"),
        ("pages", json!({"pagesPath": "no-such-folder"}), "cannot be read"),
        ("usageReportURL", json!("http://localhost/usage"), "required"),
    ] {
        let found = problems(json!({option: value}));
        assert!(found[0].contains(part), "{option}: {found:?}");
        assert!(
            option == "usageReportURL" || found[0].starts_with(option),
            "{option}: {found:?}"
        );
    }
}

#[test]
fn secrets_are_never_shown() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let document = json!({
        "appId": "notes", "masterKey": "hush-1", "maintenanceKey": "hush-2", "clientKey": "hush-3",
        "databaseURI": "mongodb://ann:hush-4@localhost/notes", "usageReportToken": "hush-5",
        "mail": {"smtpUrl": "smtps://ann:hush-6@localhost", "from": "app@example.org"},
    });
    file.write_all(document.to_string().as_bytes()).unwrap();
    let loaded = load(Some(file.path()), |_| None).unwrap();
    let shown = format!("{loaded:?}");
    assert!(!shown.contains("hush") && shown.contains("notes"), "{shown}");

    let complaint = Settings::from_options(&options(json!({"port": "hush", "masterKeyIps": 4}))).unwrap_err();
    assert!(!complaint.to_string().contains("hush"));
}

#[test]
fn environment_overrides_the_file_and_is_named_in_errors() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(br#"{"appId": "file", "masterKey": "m", "port": 1}"#)
        .unwrap();
    let env = |name: &str| match name {
        "PARSE_SERVER_APPLICATION_ID" => Some("env".to_owned()),
        "PORT" => Some("4000".to_owned()),
        "PARSE_SERVER_MASTER_KEY_IPS" => Some("10.0.0.0/8, ::1".to_owned()),
        "PARSE_SERVER_ALLOW_CLIENT_CLASS_CREATION" => Some("1".to_owned()),
        "PARSE_SERVER_MASTER_KEY" => Some(String::new()),
        _ => None,
    };
    let settings = load(Some(file.path()), env).unwrap().settings;
    assert_eq!((settings.app_id.as_str(), settings.port), ("env", 4000));
    assert_eq!(settings.master_key.expose_secret(), "m");
    assert!(settings.master_key_ips.contains("10.1.2.3".parse().unwrap()));
    assert!(settings.allow_client_class_creation);

    let error = load(Some(file.path()), |name| (name == "PORT").then(|| "x".to_owned())).unwrap_err();
    assert!(error.to_string().contains("environment variable PORT"), "{error}");
}

#[test]
fn options_without_effect_are_accepted_with_a_warning_that_says_why() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(
        br#"{"appId": "a/b", "masterKey": "m", "cloud": "./main.js", "push": {"ios": {}}, "mountGraphQL": false}"#,
    )
    .unwrap();
    let warnings = load(Some(file.path()), |_| None).unwrap().warnings;
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(
        warnings
            .iter()
            .any(|warning| warning.starts_with("cloud has no effect: "))
    );
    assert!(
        warnings
            .iter()
            .any(|warning| warning.starts_with("push has no effect: "))
    );
    assert!(warnings.iter().any(|warning| warning.starts_with("appId ")));
}

#[test]
fn missing_file_is_named() {
    let error = load(Some(Path::new("no-such-file.json")), |_| None).unwrap_err();
    assert!(
        error.to_string().contains("cannot read no-such-file.json"),
        "{error}"
    );
}

#[test]
fn mount_path_loses_its_last_slash() {
    for (written, kept) in [("/", ""), ("/api/", "/api"), ("/a/b", "/a/b")] {
        let settings = Settings::from_options(&options(json!({"mountPath": written}))).unwrap();
        assert_eq!(settings.mount_path, kept);
    }
}
