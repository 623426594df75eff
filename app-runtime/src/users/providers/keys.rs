//! The public keys of a provider, fetched when they are needed, kept for a while, and fetched again when a token names
//! one that is not among them: that is how providers rotate their keys.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::http::{Http, unreachable_provider};
use crate::protocol::dates::Millis;
use crate::protocol::error::ParseResult;
use crate::settings::{KeyPlace, KeySource, is_safe_provider_url};

/// Tokens with invented key ids must not become a stream of calls to the provider.
const REFETCHES_PER_MINUTE: u32 = 10;

/// The keys of one provider.
pub struct KeyRing {
    source: KeySource,
    keys: ArcSwapOption<Keys>,
    /// Held while fetching, so that many requests wait for one call.
    refetches: Mutex<Refetches>,
}

struct Keys {
    keys: Vec<Jwk>,
    fetched_at: Millis,
}

#[derive(Default)]
struct Refetches {
    minute: i64,
    count: u32,
}

impl KeyRing {
    pub fn new(source: &KeySource) -> Self {
        Self {
            source: source.clone(),
            keys: ArcSwapOption::empty(),
            refetches: Mutex::default(),
        }
    }

    /// The key with this id; without an id, the only key there is. `None`: the provider has no such key.
    pub async fn find(&self, http: &Http, id: Option<&str>, now: Millis) -> ParseResult<Option<Jwk>> {
        if let Some(found) = self.fresh(now).and_then(|keys| keys.find(id)) {
            return Ok(Some(found));
        }
        let mut refetches = self.refetches.lock().await;
        // Whoever held the lock before may have fetched it.
        let fresh = self.fresh(now);
        if let Some(found) = fresh.as_ref().and_then(|keys| keys.find(id)) {
            return Ok(Some(found));
        }
        if fresh.is_some() && !refetches.admit(now) {
            return Ok(None);
        }
        let keys = Arc::new(Keys {
            keys: self.fetch(http).await?,
            fetched_at: now,
        });
        self.keys.store(Some(Arc::clone(&keys)));
        Ok(keys.find(id))
    }

    fn fresh(&self, now: Millis) -> Option<Arc<Keys>> {
        let max_age = i64::try_from(self.source.max_age.as_millis()).unwrap_or(i64::MAX);
        self.keys
            .load_full()
            .filter(|keys| now.saturating_sub(keys.fetched_at) < max_age)
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

impl Refetches {
    fn admit(&mut self, now: Millis) -> bool {
        let minute = now.div_euclid(60_000);
        if self.minute != minute {
            *self = Self { minute, count: 0 };
        }
        self.count += 1;
        self.count <= REFETCHES_PER_MINUTE
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
mod tests {
    use super::*;

    #[test]
    fn invented_key_ids_are_looked_up_a_few_times_a_minute_only() {
        let mut refetches = Refetches::default();
        let admitted = (0..100).filter(|_| refetches.admit(90_000)).count();
        assert_eq!(admitted, REFETCHES_PER_MINUTE as usize);
        assert!(refetches.admit(120_000), "a new minute");
    }

    #[test]
    fn a_shared_secret_in_a_key_set_is_no_key() {
        let key =
            |json: Value| serde_json::from_value::<Jwk>(json).is_ok_and(|key| is_public_signing_key(&key));
        assert!(key(
            serde_json::json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "1"})
        ));
        assert!(!key(
            serde_json::json!({"kty": "oct", "k": "c2VjcmV0", "kid": "1"})
        ));
        assert!(!key(
            serde_json::json!({"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"})
        ));
    }
}
