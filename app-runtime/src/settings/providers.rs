//! `auth`: the sign-in providers of an app, from JSON to typed settings. Parse Server's names for the options, plus the
//! addresses of each provider, which Parse Server fixes: a company may run its own issuer. Clients never choose an
//! address (CVE-2025-68150).
//!
//! A provider that could not verify anybody is refused here, at start, and not at the first login: no client id means
//! that every token would do (CVE-2026-30863).

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::provider_options::Options;

/// The configured providers by name, anonymous sign-in not among them.
pub type ProvidersSettings = BTreeMap<String, ProviderSettings>;

/// What one provider needs to verify people, by the way it does so.
#[derive(Clone, Debug)]
pub enum ProviderSettings {
    IdToken(IdTokenSettings),
    Facebook(FacebookSettings),
    Keycloak(KeycloakSettings),
    Code(CodeSettings),
    Twitter(TwitterSettings),
    Introspection(IntrospectionSettings),
}

/// A signed ID token of OpenID Connect: `apple`, `google`, or any issuer (`"openid": true`).
#[derive(Clone, Debug)]
pub struct IdTokenSettings {
    /// The field of `authData` that holds the token.
    pub field: &'static str,
    /// Any of these; Google writes its name in two ways.
    pub issuers: Vec<String>,
    pub keys: KeySource,
    /// `clientId`: the token must have been made for one of these.
    pub audiences: Vec<String>,
    /// Only tokens with a nonce that the client shows.
    pub requires_nonce: bool,
}

/// Where the keys that a provider signs with are published.
#[derive(Clone, Debug)]
pub struct KeySource {
    pub place: KeyPlace,
    /// `cacheMaxAge`: how long they are believed to be complete.
    pub max_age: Duration,
}

/// See [`KeySource`].
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPlace {
    /// The address of a JSON Web Key Set.
    Keys(Url),
    /// The issuer, whose configuration document names that address (OpenID Connect Discovery 1.0).
    Issuer(String),
}

/// `facebook`: an access token asked about at the Graph API, or the ID token of Limited Login.
#[derive(Clone, Debug)]
pub struct FacebookSettings {
    pub app_ids: Vec<String>,
    /// Signs the calls (`appsecret_proof`).
    pub app_secret: Option<SecretString>,
    pub graph_url: Url,
    pub limited_login: IdTokenSettings,
}

/// `keycloak`: a signed access token of one realm, made for one client.
#[derive(Clone, Debug)]
pub struct KeycloakSettings {
    pub issuer: String,
    pub keys: KeySource,
    pub client_id: String,
}

/// A provider whose one-time code the server exchanges: `github`, `gitlab`, `spotify`, ….
#[derive(Clone, Debug)]
pub struct CodeSettings {
    pub client_id: String,
    pub client_secret: Option<SecretString>,
    /// In place of the provider's own addresses.
    pub token_url: Option<Url>,
    pub profile_url: Option<Url>,
}

/// `twitter` by OAuth 1.0a.
#[derive(Clone, Debug)]
pub struct TwitterSettings {
    pub consumer_key: String,
    pub consumer_secret: SecretString,
    pub token_url: Url,
}

/// Any OAuth 2 provider that can be asked about its access tokens (`"oauth2": true`, RFC 7662).
#[derive(Clone, Debug)]
pub struct IntrospectionSettings {
    pub url: Url,
    pub user_id_field: String,
    /// The field that names the app a token was made for, and the apps that count.
    pub app: Option<(String, Vec<String>)>,
    pub authorization: Option<SecretString>,
}

/// Providers of the code exchange; their addresses are `users::providers`' to know.
const CODE: &[&str] = &[
    "discord",
    "github",
    "gitlab",
    "line",
    "linkedin",
    "microsoft",
    "spotify",
    "twitter",
    "wechat",
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
        "twitter" if !options.has("clientId") => twitter(&options).map(ProviderSettings::Twitter),
        _ if CODE.contains(&name) => {
            code(&options, PUBLIC_CLIENTS.contains(&name)).map(ProviderSettings::Code)
        }
        _ if options.has("module") => {
            Err("loads a Node.js module, and this server is not Node.js".to_owned())
        }
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
        assert!(refusal(json!({"meetup": {}})).contains("no provider"));
        assert!(refusal(json!({"a.b": {}})).contains("named"));
        let two = refusal(json!({"google": {}, "github": {}}));
        assert!(two.contains("google") && two.contains("github"), "{two}");
    }
}
