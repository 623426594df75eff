//! Sign-in providers: each asks the provider, in the way the provider documents, whether a person is who they say.
//!
//! `users::identity` calls [`Providers::validate`] before anybody is looked up or anything is stored. A provider keeps
//! only what its settings say and what it has fetched for itself; nothing is shared between two of them, and nothing of
//! one request outlives it (CVE-2026-32242).

mod claims;
mod code;
mod facebook;
mod game_center;
mod http;
mod id_token;
mod introspection;
mod keycloak;
mod keys;
mod oauth1;
mod signature;
mod token;
mod twitter;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::protocol::dates::Millis;
use crate::protocol::error::{ParseError, ParseResult, code as error_code};
use crate::settings::{ProviderSettings, Settings};
use http::Http;

/// Ids and tokens of every provider are far shorter.
const MAX_ID_BYTES: usize = 512;
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Sign-in by a device's own random id, with nobody to ask.
pub const ANONYMOUS: &str = "anonymous";

/// The providers of one app.
pub struct Providers {
    http: Http,
    by_name: BTreeMap<String, Provider>,
}

/// An identity that its provider has confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    pub id: String,
    /// What is stored: the id and what was verified, nothing else that the client sent.
    pub data: Map<String, Value>,
    /// Set when the proof may be used one time only.
    pub once: Option<OneTime>,
}

/// A proof that must not be accepted again.
#[derive(Debug, Clone, PartialEq)]
pub struct OneTime {
    /// Names the proof.
    pub key: String,
    /// From then on nobody accepts it anyway.
    pub until: Millis,
}

enum Provider {
    Anonymous,
    IdToken(id_token::IdToken),
    Facebook(Box<facebook::Facebook>),
    Keycloak(keycloak::Keycloak),
    Code(code::CodeExchange),
    Twitter(twitter::Twitter),
    Introspection(introspection::Introspection),
    GameCenter(game_center::GameCenter),
}

/// What a provider works with.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    /// The provider's name in `authData`.
    name: &'a str,
    /// What the client sent; of any form.
    data: &'a Map<String, Value>,
    http: &'a Http,
    now: Millis,
}

impl Providers {
    /// The providers these settings name, and anonymous sign-in if it is on.
    pub fn new(settings: &Settings) -> Self {
        signature::install();
        let mut by_name: BTreeMap<String, Provider> = settings
            .auth
            .iter()
            .map(|(name, settings)| (name.clone(), Provider::new(name, settings)))
            .collect();
        if settings.enable_anonymous_users {
            by_name.insert(ANONYMOUS.to_owned(), Provider::Anonymous);
        }
        Self {
            http: Http::new(&settings.auth_trusted_certificates),
            by_name,
        }
    }

    /// Whether somebody may sign in by this provider.
    pub fn offers(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The providers' names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Asks the provider. Errors are refusals, or 141 when the provider cannot be asked; nothing of its answer is told.
    pub async fn validate(
        &self,
        name: &str,
        data: &Map<String, Value>,
        now: Millis,
    ) -> ParseResult<Verified> {
        let provider = self.by_name.get(name).ok_or_else(unsupported)?;
        let attempt = Attempt {
            name,
            data,
            http: &self.http,
            now,
        };
        provider.validate(attempt).await
    }
}

impl Provider {
    fn new(name: &str, settings: &ProviderSettings) -> Self {
        match settings {
            ProviderSettings::IdToken(settings) => Self::IdToken(id_token::IdToken::new(settings)),
            ProviderSettings::Facebook(settings) => {
                Self::Facebook(Box::new(facebook::Facebook::new(settings)))
            }
            ProviderSettings::Keycloak(settings) => Self::Keycloak(keycloak::Keycloak::new(settings)),
            ProviderSettings::Code(settings) => Self::Code(code::CodeExchange::new(name, settings)),
            ProviderSettings::Twitter(settings) => Self::Twitter(twitter::Twitter::new(settings)),
            ProviderSettings::Introspection(settings) => {
                Self::Introspection(introspection::Introspection::new(settings))
            }
            ProviderSettings::GameCenter(settings) => {
                Self::GameCenter(game_center::GameCenter::new(settings))
            }
        }
    }

    async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        match self {
            Self::Anonymous => anonymous(attempt),
            Self::IdToken(provider) => provider.validate(attempt).await,
            Self::Facebook(provider) => provider.validate(attempt).await,
            Self::Keycloak(provider) => provider.validate(attempt).await,
            Self::Code(provider) => provider.validate(attempt).await,
            Self::Twitter(provider) => provider.validate(attempt).await,
            Self::Introspection(provider) => provider.validate(attempt).await,
            Self::GameCenter(provider) => provider.validate(attempt).await,
        }
    }
}

/// Knowing the id is all there is to prove.
fn anonymous(attempt: Attempt<'_>) -> ParseResult<Verified> {
    let id = attempt.id().ok_or_else(|| {
        ParseError::new(
            error_code::INVALID_VALUE,
            "Invalid authData id for provider 'anonymous'.",
        )
    })?;
    Ok(Verified::new(id, []))
}

impl Verified {
    /// The id, with further fields to be stored beside it.
    fn new(id: impl Into<String>, further: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let id = id.into();
        let mut data = Map::new();
        data.insert("id".to_owned(), id.clone().into());
        data.extend(further.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self { id, data, once: None }
    }
}

impl<'a> Attempt<'a> {
    /// A text that the client sent, if it is one, and not a monstrous one.
    fn text(&self, field: &str) -> Option<&'a str> {
        self.data
            .get(field)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty() && text.len() <= MAX_TOKEN_BYTES)
    }

    fn id(&self) -> Option<&'a str> {
        self.text("id").filter(|id| id.len() <= MAX_ID_BYTES)
    }

    /// 101: the provider does not confirm what the client says; `reason` is for the log.
    fn refuse(&self, reason: impl std::fmt::Display) -> ParseError {
        tracing::info!(provider = self.name, %reason, "a sign-in was refused");
        ParseError::new(
            error_code::OBJECT_NOT_FOUND,
            format!("{} auth is invalid for this user.", self.name),
        )
    }

    /// 142: the client did not send what this provider needs.
    fn lacks(&self, field: &str) -> ParseError {
        ParseError::new(
            error_code::VALIDATION_ERROR,
            format!("{} {field} is required.", self.name),
        )
    }
}

/// 252: no such provider, or it is switched off.
pub fn unsupported() -> ParseError {
    ParseError::new(
        error_code::UNSUPPORTED_SERVICE,
        "This authentication method is unsupported.",
    )
}

/// An id as a provider writes it: a text, or a whole number (GitHub, GitLab).
fn id_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(id) if !id.is_empty() && id.len() <= MAX_ID_BYTES => Some(id.clone()),
        Value::Number(id) if id.is_u64() || id.is_i64() => Some(id.to_string()),
        _ => None,
    }
}
