//! `keycloak`: a signed access token of one realm, given to one client, with the roles and groups the client names.

use serde_json::{Map, Value};

use super::keys::KeyRing;
use super::{Attempt, Verified, claims, token};
use crate::protocol::error::ParseResult;
use crate::settings::KeycloakSettings;

/// Verifies signature, issuer, client (`azp`), time, subject, roles and groups.
pub struct Keycloak {
    settings: KeycloakSettings,
    keys: KeyRing,
}

impl Keycloak {
    pub fn new(settings: &KeycloakSettings) -> Self {
        Self {
            keys: KeyRing::new(&settings.keys),
            settings: settings.clone(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        let token = attempt
            .text("access_token")
            .ok_or_else(|| attempt.refuse("there is no access_token"))?;
        let claims = token::verify(&attempt, &self.keys, token).await?;
        self.check(&attempt, &claims)
            .map_err(|flaw| attempt.refuse(flaw))?;
        let mut verified = Verified::new(
            attempt.id().unwrap_or_default(),
            [("access_token", Value::from(token))],
        );
        for field in ["roles", "groups"] {
            if !is_same_list(claims.get(field), attempt.data.get(field)) {
                return Err(attempt.refuse(format_args!("{field} are not the token's")));
            }
            if let Some(list) = claims.get(field) {
                verified.data.insert(field.to_owned(), list.clone());
            }
        }
        Ok(verified)
    }

    fn check(&self, attempt: &Attempt<'_>, claims: &Map<String, Value>) -> Result<(), claims::Flaw> {
        claims::check_issuer(claims, std::slice::from_ref(&self.settings.issuer))?;
        // A token of another client of the same realm is as well signed (CVE-2026-30949).
        if claims::text(claims, "azp") != Some(self.settings.client_id.as_str()) {
            return Err(claims::Flaw::Audience);
        }
        claims::check_time(claims, attempt.now)?;
        claims::check_subject(claims, attempt.id())
    }
}

/// Both absent, or lists of the same texts in any order.
fn is_same_list(said: Option<&Value>, sent: Option<&Value>) -> bool {
    let sorted = |list: &Value| {
        let mut texts: Vec<String> = list
            .as_array()?
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()?;
        texts.sort_unstable();
        Some(texts)
    };
    match (said, sent) {
        (None, None) => true,
        (Some(said), Some(sent)) => sorted(said).is_some_and(|said| Some(said) == sorted(sent)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roles_and_groups_are_equal_in_any_order() {
        let same = |said: Value, sent: Value| is_same_list(Some(&said), Some(&sent));
        assert!(is_same_list(None, None));
        assert!(same(json!(["a", "b"]), json!(["b", "a"])));
        assert!(!same(json!(["a"]), json!(["a", "admin"])));
        assert!(!same(json!(["a"]), json!({"$in": ["a"]})));
        assert!(!is_same_list(None, Some(&json!(["admin"]))));
        assert!(!is_same_list(Some(&json!(["a"])), None));
    }
}
