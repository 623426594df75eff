//! `auth`: the sign-in providers of an app, from JSON to typed settings. Parse Server's names for the options, plus the
//! addresses of each provider, which Parse Server fixes: a company may run its own issuer. Clients never choose an
//! address (CVE-2025-68150).
//!
//! A provider that could not verify anybody is refused here, at start, and not at the first login: no client id means
//! that every token would do (CVE-2026-30863).

mod options;
mod parse;

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use options::is_safe;
pub use parse::{CODE, parse};

/// Whether a provider may be called this: its name becomes part of a column's.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.len() <= 64 && text.bytes().all(is_plain)
}

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
    GameCenter(GameCenterSettings),
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
    /// The field that names the app a token was made for, and the apps that count; `None` where any app's will do.
    pub app: Option<(String, Vec<String>)>,
    pub authorization: Option<SecretString>,
}

/// `gcenter`: a signature that Apple made for a player of this app.
#[derive(Clone, Debug)]
pub struct GameCenterSettings {
    pub bundle_id: String,
    /// `rootCertificateUrl`: the certificate of the authority that certifies Apple's.
    pub authority: Url,
    /// `publicKeyOrigin`: where certificates may be in place of Apple's addresses.
    pub key_origin: Option<Url>,
}

#[cfg(test)]
mod tests;
