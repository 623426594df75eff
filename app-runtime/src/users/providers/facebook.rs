//! `facebook`: an access token, which the Graph API is asked about, or the ID token of Limited Login.

use ring::hmac;
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::id_token::IdToken;
use super::{Attempt, Verified, id_text};
use crate::protocol::dates;
use crate::protocol::error::ParseResult;
use crate::settings::FacebookSettings;

/// Verifies that the token is of one of the app's ids and of the user.
pub struct Facebook {
    settings: FacebookSettings,
    limited_login: IdToken,
}

impl Facebook {
    pub fn new(settings: &FacebookSettings) -> Self {
        Self {
            limited_login: IdToken::new(&settings.limited_login),
            settings: settings.clone(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        if attempt.data.contains_key("token") {
            return self.limited_login.validate(attempt).await;
        }
        let token = attempt
            .text("access_token")
            .ok_or_else(|| attempt.refuse("there is no access_token"))?;
        // First whose app the token is of: any app can get a token of the same user (CVE-2025-30168).
        let app = self.ask(&attempt, "app", token).await?;
        if !app.is_some_and(|app| self.settings.app_ids.contains(&app)) {
            return Err(attempt.refuse("the token was made for another app"));
        }
        let user = self.ask(&attempt, "me", token).await?;
        match (user, attempt.id()) {
            (Some(user), Some(id)) if user == id => {
                let expiry = expiration_date(attempt.data.get("expiration_date"));
                let fields = [("access_token", Value::from(token))];
                Ok(Verified::new(id, fields.into_iter().chain(expiry)))
            }
            _ => Err(attempt.refuse("the token is another user's")),
        }
    }

    /// The `id` of a node of the graph, seen with this token.
    async fn ask(&self, attempt: &Attempt<'_>, node: &str, token: &str) -> ParseResult<Option<String>> {
        let answer = attempt.http.get(self.address(node, token), None).await?;
        Ok(id_text(answer.json().as_ref().and_then(|node| node.get("id"))))
    }

    fn address(&self, node: &str, token: &str) -> Url {
        let mut url = self.settings.graph_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(node);
        }
        let mut query = url.query_pairs_mut();
        query
            .append_pair("fields", "id")
            .append_pair("access_token", token);
        if let Some(secret) = &self.settings.app_secret {
            query.append_pair("appsecret_proof", &proof(secret.expose_secret(), token));
        }
        drop(query);
        url
    }
}

/// <https://developers.facebook.com/docs/graph-api/guides/secure-requests>
fn proof(secret: &str, token: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, token.as_bytes()))
}

/// The SDKs keep the token's end beside it, and read it back; it decides nothing here.
fn expiration_date(sent: Option<&Value>) -> Option<(&'static str, Value)> {
    let date = sent?.as_str()?;
    dates::parse_iso(date).map(|at| ("expiration_date", Value::from(dates::to_iso(at))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_tokens_hmac() {
        // The test case 2 of RFC 4231.
        assert_eq!(
            proof("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
