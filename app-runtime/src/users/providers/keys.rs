//! The public keys of a provider, fetched when they are needed, kept for a while, and fetched again when a token names
//! one that is not among them: that is how providers rotate their keys.
//!
//! A provider that is slow or away holds up nobody longer than one call takes: those who wait share its outcome, a
//! failure is remembered for some seconds, and keys that are known stand in for such as cannot be fetched.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::http::{Http, unreachable_provider};
use crate::protocol::dates::Millis;
use crate::protocol::error::ParseResult;
use crate::settings::{KeyPlace, KeySource, is_safe_provider_url};
use crate::turns::Turns;

/// Tokens with invented key ids must not become a stream of calls to the provider.
const REFETCHES_PER_MINUTE: u32 = 10;

/// How long a provider that failed is not asked again.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// How much longer than `cacheMaxAge` keys count while the provider cannot be asked; a key that it has withdrawn should
/// not last as long as somebody keeps us from hearing of it.
const STAND_IN: Millis = 24 * 3_600_000;

/// The keys of one provider.
pub struct KeyRing {
    source: KeySource,
    keys: ArcSwapOption<Keys>,
    fetching: Turns<ParseResult<Arc<Keys>>>,
    past: Mutex<Past>,
}

struct Keys {
    keys: Vec<Jwk>,
    fetched_at: Millis,
}

/// What has been asked of the provider lately.
#[derive(Default)]
struct Past {
    minute: i64,
    refetches: u32,
    failed_at: Option<Instant>,
}

impl KeyRing {
    pub fn new(source: &KeySource) -> Self {
        Self {
            source: source.clone(),
            keys: ArcSwapOption::empty(),
            fetching: Turns::default(),
            past: Mutex::default(),
        }
    }

    /// The key with this id; without an id, the only key there is. `None`: the provider has no such key.
    pub async fn find(&self, http: &Http, id: Option<&str>, now: Millis) -> ParseResult<Option<Jwk>> {
        if let Some(found) = self
            .younger_than(self.max_age(), now)
            .and_then(|keys| keys.find(id))
        {
            return Ok(Some(found));
        }
        let fetched = self
            .fetching
            .take_unless(|| self.settled(id, now), self.renew(http, now))
            .await;
        match fetched {
            Ok(keys) => Ok(keys.find(id)),
            Err(error) => {
                let older = self.younger_than(self.max_age().saturating_add(STAND_IN), now);
                older.and_then(|keys| keys.find(id)).map(Some).ok_or(error)
            }
        }
    }

    /// What is clear without asking the provider, by the time it could be asked.
    fn settled(&self, id: Option<&str>, now: Millis) -> Option<ParseResult<Arc<Keys>>> {
        let fresh = self.younger_than(self.max_age(), now);
        if fresh.as_ref().is_some_and(|keys| keys.find(id).is_some()) {
            return fresh.map(Ok);
        }
        let mut past = self.past();
        if past.failed_at.is_some_and(|at| at.elapsed() < LEFT_ALONE) {
            return Some(Err(unreachable_provider()));
        }
        fresh.filter(|_| !past.admit(now)).map(Ok)
    }

    async fn renew(&self, http: &Http, now: Millis) -> ParseResult<Arc<Keys>> {
        let fetched = self.fetch(http).await;
        self.past().failed_at = fetched.is_err().then(Instant::now);
        let keys = Arc::new(Keys {
            keys: fetched?,
            fetched_at: now,
        });
        self.keys.store(Some(Arc::clone(&keys)));
        Ok(keys)
    }

    fn max_age(&self) -> Millis {
        Millis::try_from(self.source.max_age.as_millis()).unwrap_or(Millis::MAX)
    }

    fn younger_than(&self, age: Millis, now: Millis) -> Option<Arc<Keys>> {
        self.keys
            .load_full()
            .filter(|keys| now.saturating_sub(keys.fetched_at) < age)
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, http: &Http) -> ParseResult<Vec<Jwk>> {
        let url = match &self.source.place {
            KeyPlace::Keys(url) => url.clone(),
            KeyPlace::Issuer(issuer) => discover(http, issuer).await?,
        };
        let set = http.get(url, None).await?.json();
        let keys = set.as_ref().and_then(|set| set.get("keys")?.as_array());
        match keys {
            // A key of a kind that is not known here does not spoil the others.
            Some(keys) => Ok(keys
                .iter()
                .filter_map(|key| serde_json::from_value(key.clone()).ok())
                .filter(is_public_signing_key)
                .collect()),
            None => {
                tracing::warn!("a sign-in provider publishes no key set");
                Err(unreachable_provider())
            }
        }
    }
}

impl Keys {
    fn find(&self, id: Option<&str>) -> Option<Jwk> {
        let found = match (id, self.keys.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.common.key_id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        found.cloned()
    }
}

impl Past {
    /// Whether the provider may be asked for a key that is not among those it has shown a moment ago.
    fn admit(&mut self, now: Millis) -> bool {
        let minute = now.div_euclid(60_000);
        if self.minute != minute {
            (self.minute, self.refetches) = (minute, 0);
        }
        self.refetches += 1;
        self.refetches <= REFETCHES_PER_MINUTE
    }
}

fn is_public_signing_key(key: &Jwk) -> bool {
    let is_public = matches!(
        key.algorithm,
        AlgorithmParameters::RSA(_)
            | AlgorithmParameters::EllipticCurve(_)
            | AlgorithmParameters::OctetKeyPair(_)
    );
    is_public && !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption))
}

/// Where an issuer's own configuration says that its keys are (OpenID Connect Discovery 1.0, section 4). A document of
/// another issuer is not believed.
async fn discover(http: &Http, issuer: &str) -> ParseResult<Url> {
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let Ok(address) = Url::parse(&address) else {
        return Err(unreachable_provider());
    };
    let document = http.get(address, None).await?.json();
    let keys = document
        .filter(|document| document.get("issuer").and_then(Value::as_str) == Some(issuer))
        .and_then(|document| Url::parse(document.get("jwks_uri")?.as_str()?).ok())
        .filter(is_safe_provider_url);
    keys.ok_or_else(|| {
        tracing::warn!(
            issuer,
            "the issuer's configuration document is not its own or names no keys"
        );
        unreachable_provider()
    })
}

#[cfg(test)]
mod tests;
