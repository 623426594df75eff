//! What is understood of `auth`, and what is refused before anybody could sign in by it.

use serde_json::{Value, json};

use super::*;

fn refusal(auth: Value) -> String {
    parse(&auth).unwrap_err()
}

#[test]
fn parse_servers_own_shapes_are_understood() {
    let providers = parse(&json!({
        "apple": {"clientId": "com.example.app"},
        "google": {"clientId": ["ios", "android"]},
        "facebook": {"appIds": ["1"], "appSecret": "s"},
        "github": {"clientId": "a", "clientSecret": "b"},
        "twitter": {"consumer_key": "a", "consumer_secret": "b"},
        "keycloak": {"config": {"auth-server-url": "https://sso.example.org", "realm": "r", "client-id": "app"}},
        "company": {"oauth2": true, "tokenIntrospectionEndpointUrl": "https://sso.example.org/introspect",
                    "appidField": "aud", "appIds": ["app"]},
        "mfa": {"options": ["TOTP"]},
        "line": {"enabled": false},
    }))
    .unwrap();
    let names: Vec<&str> = providers.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "apple", "company", "facebook", "github", "google", "keycloak", "twitter"
        ]
    );
    match &providers["keycloak"] {
        ProviderSettings::Keycloak(keycloak) => {
            assert_eq!(keycloak.issuer, "https://sso.example.org/realms/r");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn cve_2026_30863_a_provider_without_an_audience_is_refused_at_start() {
    for (name, option) in [
        ("apple", "clientId"),
        ("google", "clientId"),
        ("facebook", "appIds"),
    ] {
        for missing in [
            json!({}),
            json!({option: ""}),
            json!({option: []}),
            json!({option: [""]}),
        ] {
            assert!(
                refusal(json!({name: missing})).contains(option),
                "{name} {missing}"
            );
        }
    }
    assert!(refusal(json!({"sso": {"openid": true, "issuer": "https://a.example"}})).contains("clientId"));
    let keycloak = json!({"keycloak": {"config": {"auth-server-url": "https://a.example", "realm": "r"}}});
    assert!(refusal(keycloak).contains("client-id"));
    let introspected = json!({"sso": {"oauth2": true, "tokenIntrospectionEndpointUrl": "https://a.example", "appidField": "aud"}});
    assert!(refusal(introspected).contains("appIds"));
}

#[test]
fn cve_2025_30168_tokens_of_any_app_are_taken_only_where_the_owner_says_so() {
    let with = |more: Value| {
        let mut options = json!({"oauth2": true, "tokenIntrospectionEndpointUrl": "https://a.example"});
        options
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        parse(&json!({ "sso": options }))
    };
    for (options, part) in [
        (json!({}), "needs appidField and appIds"),
        (json!({"anyApp": false}), "needs appidField and appIds"),
        (json!({"appIds": ["app"]}), "needs appidField and appIds"),
        (json!({"appidField": "aud"}), "appIds"),
        (
            json!({"AppIdField": "aud", "appIds": ["app"]}),
            "perhaps appidField was meant",
        ),
        (
            json!({"anyApp": true, "appidField": "aud", "appIds": ["app"]}),
            "beside appidField",
        ),
        (json!({"anyApp": "true"}), "neither true nor false"),
    ] {
        let refused = with(options.clone()).unwrap_err();
        assert!(refused.contains(part), "{options}: {refused}");
    }
    let app_of = |options: Value| match &with(options).unwrap()["sso"] {
        ProviderSettings::Introspection(settings) => settings.app.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(app_of(json!({"anyApp": true})), None);
    let ours = app_of(json!({"appidField": "aud", "appIds": "app"}));
    assert_eq!(ours, Some(("aud".to_owned(), vec!["app".to_owned()])));
}

#[test]
fn an_option_that_no_provider_of_the_kind_knows_is_refused() {
    let keycloak = json!({"auth-server-url": "https://a.example", "realm": "r", "client-id": "app", "ssl-required": "all"});
    for (name, good) in [
        ("apple", json!({"clientId": "a", "requireNonce": true})),
        (
            "google",
            json!({"clientId": "a", "cacheMaxEntries": 5, "cacheMaxAge": 1000, "enableInsecureAuth": false}),
        ),
        (
            "facebook",
            json!({"appIds": "a", "appSecret": "s", "requireNonce": false}),
        ),
        ("keycloak", json!({ "config": keycloak })),
        (
            "github",
            json!({"clientId": "a", "clientSecret": "b", "enabled": true, "tokenUrl": null}),
        ),
        ("twitter", json!({"consumer_key": "a", "consumer_secret": "b"})),
        ("gcenter", json!({"bundleId": "a"})),
        (
            "sso",
            json!({"openid": true, "issuer": "https://a.example", "clientId": "a"}),
        ),
    ] {
        assert!(parse(&json!({ name: good })).is_ok(), "{name}");
        for odd in ["clientid2", "requireNonse", "module"] {
            let mut options = good.clone();
            options[odd] = json!("x");
            let refused = refusal(json!({ name: options }));
            assert!(
                refused.contains(&format!("unknown option {odd:?}")),
                "{name}: {refused}"
            );
            assert!(!refused.contains("\"x\""), "no value is told: {refused}");
        }
    }
    let misspelt = refusal(json!({"apple": {"clientId": "a", "requireNonse": true}}));
    assert!(misspelt.contains("perhaps requireNonce was meant"), "{misspelt}");
    for (option, name) in [("requireNonce", "apple"), ("enabled", "apple"), ("openid", "sso")] {
        let refused = refusal(json!({name: {"clientId": "a", option: "true"}}));
        assert!(refused.contains("neither true nor false"), "{option}: {refused}");
    }
    assert!(
        parse(&json!({"apple": {"enabled": false, "clientid": 1}}))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_provider_has_a_plain_name() {
    assert!(is_name("my-company_1"));
    for bad in ["", "a.b", "$where", "a b", "é", &"a".repeat(65)] {
        assert!(!is_name(bad), "{bad}");
    }
}

#[test]
fn addresses_are_https_unless_they_are_on_this_machine() {
    let with = |url: &str| parse(&json!({"google": {"clientId": "a", "jwksUri": url}}));
    for good in [
        "https://sso.example.org/keys",
        "http://localhost:8080/keys",
        "http://127.0.0.1/keys",
    ] {
        assert!(with(good).is_ok(), "{good}");
    }
    for bad in [
        "http://sso.example.org/keys",
        "file:///etc/passwd",
        "https://a:b@sso.example.org/",
        "keys",
    ] {
        assert!(with(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_cannot_be_offered_says_why() {
    let insecure = json!({"github": {"enableInsecureAuth": true}});
    assert!(refusal(insecure).contains("enableInsecureAuth"));
    assert!(refusal(json!({"mine": {"module": "./auth.js"}})).contains("Node.js"));
    assert!(refusal(json!({"mine": {}})).contains("no provider"));
    assert!(refusal(json!({"meetup": {}})).contains("insecure"));
    assert!(refusal(json!({"ldap": {"url": "ldaps://x"}})).contains("OpenID Connect"));
    assert!(refusal(json!({"gcenter": {}})).contains("bundleId"));
    assert!(refusal(json!({"a.b": {}})).contains("named"));
    let two = refusal(json!({"google": {}, "github": {}}));
    assert!(two.contains("google") && two.contains("github"), "{two}");
}
