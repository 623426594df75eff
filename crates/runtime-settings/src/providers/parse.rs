//! From the JSON of `auth` to typed settings, by provider.

use std::time::Duration;

use serde_json::{Map, Value};

use super::options::Options;
use super::{
    CodeSettings, FacebookSettings, GameCenterSettings, IdTokenSettings, IntrospectionSettings, KeyPlace,
    KeySource, KeycloakSettings, ProviderSettings, ProvidersSettings, TwitterSettings,
};

/// Providers of the code exchange; their addresses are the runtime's to know.
pub const CODE: &[&str] = &[
    "discord",
    "github",
    "gitlab",
    "gpgames",
    "instagram",
    "line",
    "linkedin",
    "microsoft",
    "qq",
    "spotify",
    "twitter",
    "wechat",
    "weibo",
    "x",
];

/// Of these, the ones whose apps may do without a secret, since they prove themselves by a code verifier (RFC 7636).
const PUBLIC_CLIENTS: &[&str] = &["gitlab", "spotify", "twitter", "x"];

const HOUR: Duration = Duration::from_secs(3600);

/// Reads `{provider: {option: …}}`. Entries that are switched off (`"enabled": false`) are left out, and so is `mfa`,
/// which verifies nobody's identity.
pub fn parse(value: &Value) -> Result<ProvidersSettings, String> {
    let entries = value.as_object().ok_or("must be an object of providers")?;
    let mut providers = ProvidersSettings::new();
    let mut problems = Vec::new();
    for (name, options) in entries
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "mfa" | "anonymous"))
    {
        match entry(name, options) {
            Ok(Some(provider)) => drop(providers.insert(name.clone(), provider)),
            Ok(None) => {}
            Err(reason) => problems.push(format!("has an entry {name:?} that {reason}")),
        }
    }
    if problems.is_empty() {
        Ok(providers)
    } else {
        Err(problems.join(", and "))
    }
}

fn entry(name: &str, options: &Value) -> Result<Option<ProviderSettings>, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_plain) {
        return Err("is not named by letters, digits, - and _".to_owned());
    }
    let options = options.as_object().ok_or("is not an object of options")?;
    if options.get("enabled") == Some(&Value::Bool(false)) {
        return Ok(None);
    }
    provider(name, options).map(Some)
}

fn provider(name: &str, map: &Map<String, Value>) -> Result<ProviderSettings, String> {
    let options = Options(map);
    if options.is_on("enableInsecureAuth") {
        return Err(
            "asks for enableInsecureAuth, which is not offered: a bare access token may have been made for \
                    another app; let the app send the code (or ID token) and remove the option"
                .to_owned(),
        );
    }
    if options.is_on("oauth2") {
        return introspection(&options).map(ProviderSettings::Introspection);
    }
    if options.is_on("openid") {
        return open_id(&options).map(ProviderSettings::IdToken);
    }
    match name {
        "apple" => apple(&options).map(ProviderSettings::IdToken),
        "google" => google(&options).map(ProviderSettings::IdToken),
        "facebook" => facebook(&options).map(ProviderSettings::Facebook),
        "keycloak" => keycloak(&options).map(ProviderSettings::Keycloak),
        "gcenter" => game_center(&options).map(ProviderSettings::GameCenter),
        "twitter" if !options.has("clientId") => twitter(&options).map(ProviderSettings::Twitter),
        _ if CODE.contains(&name) => {
            code(&options, PUBLIC_CLIENTS.contains(&name)).map(ProviderSettings::Code)
        }
        _ if options.has("module") => {
            Err("loads a Node.js module, and this server is not Node.js".to_owned())
        }
        "ldap" => Err("needs an LDAP server, and apps here reach none; put an OpenID Connect issuer in front of it \
                       and set \"openid\": true"
            .to_owned()),
        "janraincapture" | "janrainengage" | "meetup" | "phantauth" | "vkontakte" => Err(
            "is offered by Parse Server as an insecure provider only, which takes a bare access token that may have \
             been made for another app; set \"openid\": true to describe its issuer, if it has one"
                .to_owned(),
        ),
        _ => Err(
            "is no provider of this server; set \"openid\": true or \"oauth2\": true to describe one"
                .to_owned(),
        ),
    }
}

fn apple(options: &Options<'_>) -> Result<IdTokenSettings, String> {
    const ISSUER: &str = "https://appleid.apple.com";
    id_token(options, "token", &[ISSUER], |issuer| {
        format!("{issuer}/auth/keys")
    })
}

fn google(options: &Options<'_>) -> Result<IdTokenSettings, String> {
    let issuers = ["https://accounts.google.com", "accounts.google.com"];
    id_token(options, "id_token", &issuers, |issuer| {
        if issuer == issuers[0] {
            "https://www.googleapis.com/oauth2/v3/certs".to_owned()
        } else {
            format!("{issuer}/oauth2/v3/certs")
        }
    })
}

/// The settings of a provider with a known issuer; `issuer` and `jwksUri` replace it.
fn id_token(
    options: &Options<'_>,
    field: &'static str,
    issuers: &[&str],
    keys_of: impl Fn(&str) -> String,
) -> Result<IdTokenSettings, String> {
    let issuers = match options.text("issuer")? {
        Some(own) => vec![own],
        None => issuers.iter().map(|&issuer| issuer.to_owned()).collect(),
    };
    Ok(IdTokenSettings {
        field,
        keys: keys(options, &keys_of(issuers[0].trim_end_matches('/')))?,
        issuers,
        audiences: options.texts("clientId")?,
        requires_nonce: options.is_on("requireNonce"),
    })
}

fn open_id(options: &Options<'_>) -> Result<IdTokenSettings, String> {
    let issuer = options.required("issuer")?;
    options.url("issuer", None)?;
    let place = match options.has("jwksUri") {
        true => KeyPlace::Keys(options.url("jwksUri", None)?),
        false => KeyPlace::Issuer(issuer.clone()),
    };
    Ok(IdTokenSettings {
        field: "id_token",
        issuers: vec![issuer],
        keys: KeySource {
            place,
            max_age: max_age(options)?,
        },
        audiences: options.texts("clientId")?,
        requires_nonce: options.is_on("requireNonce"),
    })
}

fn keys(options: &Options<'_>, default: &str) -> Result<KeySource, String> {
    Ok(KeySource {
        place: KeyPlace::Keys(options.url("jwksUri", Some(default))?),
        max_age: max_age(options)?,
    })
}

fn max_age(options: &Options<'_>) -> Result<Duration, String> {
    Ok(options.milliseconds("cacheMaxAge")?.unwrap_or(HOUR))
}

fn facebook(options: &Options<'_>) -> Result<FacebookSettings, String> {
    let issuer = options
        .text("issuer")?
        .unwrap_or_else(|| "https://www.facebook.com".to_owned());
    let default_keys = format!("{}/.well-known/oauth/openid/jwks/", issuer.trim_end_matches('/'));
    let app_ids = options.texts("appIds")?;
    Ok(FacebookSettings {
        app_secret: options.secret("appSecret")?,
        graph_url: options.url("graphUrl", Some("https://graph.facebook.com"))?,
        limited_login: IdTokenSettings {
            field: "token",
            issuers: vec![issuer],
            keys: keys(options, &default_keys)?,
            audiences: app_ids.clone(),
            requires_nonce: options.is_on("requireNonce"),
        },
        app_ids,
    })
}

fn keycloak(options: &Options<'_>) -> Result<KeycloakSettings, String> {
    let config = options.object("config")?;
    let server = config.required("auth-server-url")?;
    let issuer = format!(
        "{}/realms/{}",
        server.trim_end_matches('/'),
        config.required("realm")?
    );
    let certs = format!("{issuer}/protocol/openid-connect/certs");
    Ok(KeycloakSettings {
        keys: keys(options, &certs)?,
        issuer,
        client_id: config.required("client-id")?,
    })
}

fn code(options: &Options<'_>, may_be_public: bool) -> Result<CodeSettings, String> {
    let own_url = |name| options.has(name).then(|| options.url(name, None)).transpose();
    let client_secret = options.secret("clientSecret")?;
    if client_secret.is_none() && !may_be_public {
        return Err("needs clientSecret".to_owned());
    }
    Ok(CodeSettings {
        client_id: options.required("clientId")?,
        client_secret,
        token_url: own_url("tokenUrl")?,
        profile_url: own_url("profileUrl")?,
    })
}

fn twitter(options: &Options<'_>) -> Result<TwitterSettings, String> {
    Ok(TwitterSettings {
        consumer_key: options.required("consumer_key")?,
        consumer_secret: options.required("consumer_secret")?.into(),
        token_url: options.url("tokenUrl", Some("https://api.twitter.com/oauth/access_token"))?,
    })
}

fn game_center(options: &Options<'_>) -> Result<GameCenterSettings, String> {
    const AUTHORITY: &str =
        "https://cacerts.digicert.com/DigiCertTrustedG4CodeSigningRSA4096SHA3842021CA1.crt.pem";
    let own = options.has("publicKeyOrigin");
    Ok(GameCenterSettings {
        bundle_id: options.required("bundleId")?,
        authority: options.url("rootCertificateUrl", Some(AUTHORITY))?,
        key_origin: own.then(|| options.url("publicKeyOrigin", None)).transpose()?,
    })
}

fn introspection(options: &Options<'_>) -> Result<IntrospectionSettings, String> {
    let app = match options.text("appidField")? {
        Some(field) => Some((field, options.texts("appIds")?)),
        None => None,
    };
    Ok(IntrospectionSettings {
        url: options.url("tokenIntrospectionEndpointUrl", None)?,
        user_id_field: options.text("useridField")?.unwrap_or_else(|| "sub".to_owned()),
        app,
        authorization: options.secret("authorizationHeader")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        assert!(
            refusal(json!({"sso": {"openid": true, "issuer": "https://a.example"}})).contains("clientId")
        );
        let keycloak =
            json!({"keycloak": {"config": {"auth-server-url": "https://a.example", "realm": "r"}}});
        assert!(refusal(keycloak).contains("client-id"));
        let introspected = json!({"sso": {"oauth2": true, "tokenIntrospectionEndpointUrl": "https://a.example", "appidField": "aud"}});
        assert!(refusal(introspected).contains("appIds"));
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
}
