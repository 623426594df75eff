//! Identities at providers (`authData`): what a request says about them, and what follows once the providers have
//! confirmed it.
//!
//! The order is the same everywhere: the form is checked, so that an unknown provider costs nothing and no id is an
//! operator; every provider is asked, in alphabetical order; only then is anybody looked up, signed in or changed.
//! Nothing is stored that the provider has not confirmed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::is_provider_name;
use crate::storage::IdentityOwner;
use crate::users::mfa;
use crate::users::providers::{self, Verified};

/// Far more than one user has.
const MAX_ENTRIES: usize = 32;
const MAX_ID_BYTES: usize = 512;

/// `authData` of a request, well formed, but not verified.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthData {
    /// Provider, and what is to prove the identity there.
    links: BTreeMap<String, Map<String, Value>>,
    /// Providers that the user gives up.
    unlinks: Vec<String>,
}

/// Identities that their providers have confirmed, and the providers that are given up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Confirmed {
    /// By provider.
    links: BTreeMap<String, Verified>,
    unlinks: Vec<String>,
}

/// Reads `authData`. Unknown providers must not cost a query (CVE-2026-33538), and an id is text, never an operator
/// (CVE-2026-32248).
pub fn decode(app: &AppState, sent: &Value) -> ParseResult<AuthData> {
    app.denylist.check(sent)?;
    let entries = sent
        .as_object()
        .filter(|entries| entries.len() <= MAX_ENTRIES)
        .ok_or_else(providers::unsupported)?;
    let mut auth_data = AuthData::default();
    for (provider, data) in entries {
        match data {
            // The second factor tells nobody's identity; see `users::mfa`.
            data if provider == mfa::PROVIDER && (data.is_null() || app.settings.mfa.is_some()) => {}
            // A provider that is no longer offered can still be given up.
            Value::Null if is_provider_name(provider) => auth_data.unlinks.push(provider.clone()),
            Value::Object(fields) if app.providers.offers(provider) => {
                check_id(provider, fields)?;
                auth_data.links.insert(provider.clone(), fields.clone());
            }
            _ => return Err(providers::unsupported()),
        }
    }
    Ok(auth_data)
}

/// The identities in `authData`, if it was sent, after their providers have confirmed them.
pub async fn confirm(app: &AppState, sent: Option<&Value>) -> ParseResult<Confirmed> {
    match sent {
        Some(sent) => decode(app, sent)?.confirm(app).await,
        None => Ok(Confirmed::default()),
    }
}

fn check_id(provider: &str, fields: &Map<String, Value>) -> ParseResult<()> {
    match fields.get("id") {
        None => Ok(()),
        Some(Value::String(id)) if !id.is_empty() && id.len() <= MAX_ID_BYTES => Ok(()),
        Some(_) => Err(ParseError::new(
            code::INVALID_VALUE,
            format!("Invalid authData id for provider '{provider}'."),
        )),
    }
}

impl AuthData {
    /// Whether an identity is claimed at all: an empty `authData` is no way in (CVE-2026-33042).
    pub fn claims_identity(&self) -> bool {
        !self.links.is_empty()
    }

    /// Asks every provider. The first refusal is the answer.
    pub async fn confirm(&self, app: &AppState) -> ParseResult<Confirmed> {
        let mut links = BTreeMap::new();
        for (provider, data) in &self.links {
            let verified = app.providers.validate(provider, data, app.now()).await?;
            links.insert(provider.clone(), verified);
        }
        Ok(Confirmed {
            links,
            unlinks: self.unlinks.clone(),
        })
    }

    /// Drops what the user has anyway. Clients send back what they have read, which may lack the proof; that is no
    /// new claim.
    fn without_known(mut self, stored: &BTreeMap<String, Value>) -> Self {
        self.links.retain(|provider, sent| {
            let is_known = |(field, value): (&String, &Value)| {
                stored.get(provider).and_then(|data| data.get(field)) == Some(value)
            };
            sent.is_empty() || !sent.iter().all(is_known)
        });
        self
    }
}

impl Confirmed {
    /// Whether there is any identity.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// The providers' names as `createdWith` lists them.
    pub fn providers(&self) -> String {
        let names: Vec<&str> = self.links.keys().map(String::as_str).collect();
        names.join(",")
    }

    /// The user these identities belong to. 208 if they are of several, or of one who is locked out.
    pub async fn owner(&self, app: &AppState) -> ParseResult<Option<String>> {
        match self.owners(app).await?.as_slice() {
            [] => Ok(None),
            [owner] if !owner.locked_out => Ok(Some(owner.id.clone())),
            _ => Err(already_linked()),
        }
    }

    /// 208 if one of these identities is somebody else's than this user's.
    pub async fn check_belong_to(&self, app: &AppState, user: &str) -> ParseResult<()> {
        let owners = self.owners(app).await?;
        if owners.iter().all(|owner| owner.id == user) {
            Ok(())
        } else {
            Err(already_linked())
        }
    }

    async fn owners(&self, app: &AppState) -> ParseResult<Vec<IdentityOwner>> {
        let identities: Vec<(&str, &str)> = self
            .links
            .iter()
            .map(|(provider, verified)| (provider.as_str(), verified.id.as_str()))
            .collect();
        Ok(app.storage.identity_owners(&identities).await?)
    }

    /// Uses up the proofs that count one time only; an error if one has been used before. To be called when nothing
    /// else can refuse the request: who forgot the second factor may come again with the same proof.
    pub async fn use_up(&mut self, app: &AppState) -> ParseResult<()> {
        for (provider, verified) in &mut self.links {
            if let Some(once) = verified.once.take()
                && !app.storage.use_once(&once.key, once.until).await?
            {
                tracing::info!(provider, "a sign-in was refused: its token has been used before");
                let message = format!("{provider} auth is invalid for this user.");
                return Err(ParseError::new(code::OBJECT_NOT_FOUND, message));
            }
        }
        Ok(())
    }

    /// The columns of `_User` that hold this, null where a provider is given up.
    pub fn columns(&self) -> impl Iterator<Item = (String, Value)> {
        let column = |provider: &String| format!("_auth_data_{provider}");
        let links = self
            .links
            .iter()
            .map(move |(provider, verified)| (column(provider), Value::Object(verified.data.clone())));
        links.chain(
            self.unlinks
                .iter()
                .map(move |provider| (column(provider), Value::Null)),
        )
    }

    /// Uses up the proofs and stores this with a user who is signing in.
    pub async fn store(&mut self, app: &AppState, user: &str) -> ParseResult<()> {
        self.use_up(app).await?;
        let links = self
            .links
            .iter()
            .map(|(provider, verified)| (provider.as_str(), Some(&verified.data)));
        let unlinks = self.unlinks.iter().map(|provider| (provider.as_str(), None));
        let data: Vec<_> = links.chain(unlinks).collect();
        Ok(app.storage.set_auth_data(user, &data).await?)
    }
}

/// The columns that `authData` in an update of this user changes.
pub async fn update(app: &AppState, user: &str, auth_data: AuthData) -> ParseResult<Map<String, Value>> {
    let auth_data = match auth_data.claims_identity() {
        true => auth_data.without_known(&app.storage.auth_data_of(user).await?),
        false => auth_data,
    };
    let mut confirmed = auth_data.confirm(app).await?;
    confirmed.check_belong_to(app, user).await?;
    confirmed.use_up(app).await?;
    Ok(confirmed.columns().collect())
}

/// Identities sent together with name and password: each is verified like any other before it becomes the user's
/// (CVE-2026-101042). To be stored once the log-in has succeeded.
pub async fn at_login(app: &AppState, user: &str, sent: Option<&Value>) -> ParseResult<Confirmed> {
    let confirmed = confirm(app, sent).await?;
    confirmed.check_belong_to(app, user).await?;
    Ok(confirmed)
}

/// 208: the identity is another user's.
pub fn already_linked() -> ParseError {
    ParseError::new(code::ACCOUNT_ALREADY_LINKED, "this auth is already used")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent(provider: &str, data: Value) -> AuthData {
        let data = data.as_object().unwrap().clone();
        AuthData {
            links: BTreeMap::from([(provider.to_owned(), data)]),
            ..AuthData::default()
        }
    }

    #[test]
    fn what_was_read_may_be_sent_back() {
        let stored = BTreeMap::from([("github".to_owned(), json!({"id": "1", "access_token": "t"}))]);
        let is_claim = |data: Value| sent("github", data).without_known(&stored).claims_identity();
        assert!(!is_claim(json!({"id": "1"})));
        assert!(!is_claim(json!({"id": "1", "access_token": "t"})));
        assert!(is_claim(json!({"id": "2"})));
        assert!(is_claim(json!({"id": "1", "code": "c"})));
        assert!(is_claim(json!({})), "nothing is not the same");
    }
}
