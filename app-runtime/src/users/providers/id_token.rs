//! Sign-in by an ID token of OpenID Connect: `apple`, `google`, Facebook's Limited Login, and any other issuer.

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::keys::KeyRing;
use super::{Attempt, OneTime, Verified, claims, token};
use crate::protocol::error::ParseResult;
use crate::settings::IdTokenSettings;

/// Verifies signature, issuer, audience, time, subject and nonce.
pub struct IdToken {
    settings: IdTokenSettings,
    keys: KeyRing,
}

impl IdToken {
    pub fn new(settings: &IdTokenSettings) -> Self {
        Self {
            keys: KeyRing::new(&settings.keys),
            settings: settings.clone(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        let field = self.settings.field;
        let token = attempt
            .text(field)
            .ok_or_else(|| attempt.refuse(format_args!("there is no {field}")))?;
        let claims = token::verify(&attempt, &self.keys, token).await?;
        self.check(&attempt, &claims)
            .map_err(|flaw| attempt.refuse(flaw))?;
        let id = attempt.id().unwrap_or_default();
        let mut verified = Verified::new(id, [(field, Value::from(token))]);
        verified.once = self.one_time(&attempt, &claims, token)?;
        Ok(verified)
    }

    fn check(&self, attempt: &Attempt<'_>, claims: &Map<String, Value>) -> Result<(), claims::Flaw> {
        claims::check_issuer(claims, &self.settings.issuers)?;
        claims::check_audience(claims, &self.settings.audiences)?;
        claims::check_time(claims, attempt.now)?;
        claims::check_subject(claims, attempt.id())
    }

    /// A token with a nonce was made for one sign-in. Where the client shows the nonce, it must be the token's.
    fn one_time(
        &self,
        attempt: &Attempt<'_>,
        claims: &Map<String, Value>,
        token: &str,
    ) -> ParseResult<Option<OneTime>> {
        let made_with = claims::text(claims, "nonce");
        let good = match (made_with, attempt.data.get("nonce")) {
            (Some(made_with), Some(shown)) => shown.as_str().is_some_and(|shown| fits(made_with, shown)),
            (None, Some(_)) => false,
            (_, None) => !self.settings.requires_nonce,
        };
        if !good {
            return Err(attempt.refuse("the nonce is not the token's"));
        }
        let until = claims::expiry(claims).unwrap_or(attempt.now);
        Ok(made_with.map(|_| OneTime {
            key: format!(
                "auth:{}:{}",
                attempt.name,
                hex::encode(digest(&SHA256, token.as_bytes()))
            ),
            until: until.saturating_add(60_000),
        }))
    }
}

/// Web clients put the nonce itself into the token, Apple's and Facebook's native SDKs its SHA-256 in hexadecimal.
fn fits(made_with: &str, shown: &str) -> bool {
    made_with == shown || made_with == hex::encode(digest(&SHA256, shown.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_shown_as_it_is_or_was_hashed() {
        assert!(fits("n-0S6_WzA2Mj", "n-0S6_WzA2Mj"));
        let hashed = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(fits(hashed, "abc"));
        assert!(!fits(hashed, "abd"));
    }
}
