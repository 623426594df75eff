//! From the JSON of `auth` to typed settings, by provider.

use std::time::Duration;

use serde_json::Value;

use super::options::Options;
use super::{
    CodeSettings, FacebookSettings, GameCenterSettings, IdTokenSettings, IntrospectionSettings, KeyPlace,
    KeySource, KeycloakSettings, ProviderSettings, ProvidersSettings, TwitterSettings, is_name,
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

/// What each kind of provider knows; `cacheMaxEntries` and `debug` are Parse Server's and mean nothing here.
const ID_TOKEN: &[&str] = &[
    "clientId",
    "issuer",
    "jwksUri",
    "cacheMaxAge",
    "cacheMaxEntries",
    "requireNonce",
];
const FACEBOOK: &[&str] = &[
    "appIds",
    "appSecret",
    "graphUrl",
    "issuer",
    "jwksUri",
    "cacheMaxAge",
    "cacheMaxEntries",
    "requireNonce",
];
const KEYCLOAK: &[&str] = &["config", "jwksUri", "cacheMaxAge", "cacheMaxEntries"];
const CODE_EXCHANGE: &[&str] = &["clientId", "clientSecret", "tokenUrl", "profileUrl"];
const TWITTER: &[&str] = &["consumer_key", "consumer_secret", "tokenUrl"];
const GAME_CENTER: &[&str] = &["bundleId", "rootCertificateUrl", "publicKeyOrigin"];
const INTROSPECTION: &[&str] = &[
    "tokenIntrospectionEndpointUrl",
    "useridField",
    "appidField",
    "appIds",
    "anyApp",
    "authorizationHeader",
    "debug",
];

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
    if !is_name(name) {
        return Err("is not named by letters, digits, - and _".to_owned());
    }
    let options = Options(options.as_object().ok_or("is not an object of options")?);
    if options.has("enabled") && !options.is_on("enabled")? {
        return Ok(None);
    }
    provider(name, &options).map(Some)
}

fn provider(name: &str, options: &Options<'_>) -> Result<ProviderSettings, String> {
    if options.is_on("enableInsecureAuth")? {
        return Err(
            "asks for enableInsecureAuth, which is not offered: a bare access token may have been made for \
                    another app; let the app send the code (or ID token) and remove the option"
                .to_owned(),
        );
    }
    if options.is_on("oauth2")? {
        return introspection(options).map(ProviderSettings::Introspection);
    }
    if options.is_on("openid")? {
        return open_id(options).map(ProviderSettings::IdToken);
    }
    match name {
        "apple" => apple(options).map(ProviderSettings::IdToken),
        "google" => google(options).map(ProviderSettings::IdToken),
        "facebook" => facebook(options).map(ProviderSettings::Facebook),
        "keycloak" => keycloak(options).map(ProviderSettings::Keycloak),
        "gcenter" => game_center(options).map(ProviderSettings::GameCenter),
        "twitter" if !options.has("clientId") => twitter(options).map(ProviderSettings::Twitter),
        _ if CODE.contains(&name) => {
            code(options, PUBLIC_CLIENTS.contains(&name)).map(ProviderSettings::Code)
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
    options.only(ID_TOKEN)?;
    const ISSUER: &str = "https://appleid.apple.com";
    id_token(options, "token", &[ISSUER], |issuer| {
        format!("{issuer}/auth/keys")
    })
}

fn google(options: &Options<'_>) -> Result<IdTokenSettings, String> {
    options.only(ID_TOKEN)?;
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
        requires_nonce: options.is_on("requireNonce")?,
    })
}

fn open_id(options: &Options<'_>) -> Result<IdTokenSettings, String> {
    options.only(ID_TOKEN)?;
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
        requires_nonce: options.is_on("requireNonce")?,
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
    options.only(FACEBOOK)?;
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
            requires_nonce: options.is_on("requireNonce")?,
        },
        app_ids,
    })
}

fn keycloak(options: &Options<'_>) -> Result<KeycloakSettings, String> {
    // What is in `config` may be a whole `keycloak.json`, most of which is for others.
    options.only(KEYCLOAK)?;
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
    options.only(CODE_EXCHANGE)?;
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
    options.only(TWITTER)?;
    Ok(TwitterSettings {
        consumer_key: options.required("consumer_key")?,
        consumer_secret: options.required("consumer_secret")?.into(),
        token_url: options.url("tokenUrl", Some("https://api.twitter.com/oauth/access_token"))?,
    })
}

fn game_center(options: &Options<'_>) -> Result<GameCenterSettings, String> {
    options.only(GAME_CENTER)?;
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
    options.only(INTROSPECTION)?;
    let app = match (options.text("appidField")?, options.is_on("anyApp")?) {
        (Some(field), false) => Some((field, options.texts("appIds")?)),
        (None, true) => None,
        (Some(_), true) => {
            return Err("sets anyApp beside appidField, which asks for the opposite".to_owned());
        }
        // Parse Server takes this for what anyApp says here (CVE-2025-30168).
        (None, false) => {
            return Err(
                "needs appidField and appIds, for without them a token that was made for any other app signs in; \
                 set \"anyApp\": true if the provider makes tokens for no app but this"
                    .to_owned(),
            );
        }
    };
    Ok(IntrospectionSettings {
        url: options.url("tokenIntrospectionEndpointUrl", None)?,
        user_id_field: options.text("useridField")?.unwrap_or_else(|| "sub".to_owned()),
        app,
        authorization: options.secret("authorizationHeader")?,
    })
}
