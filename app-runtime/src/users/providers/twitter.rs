//! `twitter` by OAuth 1.0a: the server exchanges the request token that the user has approved. The call is signed with
//! the app's consumer secret, so a request token of another app is refused by Twitter.

use secrecy::ExposeSecret;
use serde_json::Value;

use super::oauth1::{self, Consumer};
use super::{Attempt, Verified};
use crate::protocol::error::ParseResult;
use crate::settings::TwitterSettings;

/// Verifies an approved request token.
pub struct Twitter {
    settings: TwitterSettings,
}

impl Twitter {
    pub fn new(settings: &TwitterSettings) -> Self {
        Self {
            settings: settings.clone(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        let token = attempt
            .text("oauth_token")
            .ok_or_else(|| attempt.lacks("oauth_token"))?;
        let verifier = attempt
            .text("oauth_verifier")
            .ok_or_else(|| attempt.lacks("oauth_verifier"))?;
        let form = [("oauth_verifier", verifier)];
        let consumer = Consumer {
            key: &self.settings.consumer_key,
            secret: self.settings.consumer_secret.expose_secret(),
        };
        let request = oauth1::Request {
            url: &self.settings.token_url,
            token,
            token_secret: attempt.text("oauth_token_secret").unwrap_or_default(),
            form: &form,
        };
        let header = request.authorization(&consumer, attempt.now, &oauth1::nonce());
        let answer = attempt
            .http
            .post(self.settings.token_url.clone(), &form, Some(&header))
            .await?
            .form();
        let field = |name: &str| {
            let found = answer
                .iter()
                .find(|(field, value)| field == name && !value.is_empty());
            found.map(|(_, value)| value.as_str())
        };
        let (Some(id), Some(token)) = (field("user_id"), field("oauth_token")) else {
            return Err(attempt.refuse("Twitter does not take the request token"));
        };
        if attempt.data.contains_key("id") && attempt.id() != Some(id) {
            return Err(attempt.refuse("the request token is another user's"));
        }
        Ok(Verified::new(id, [("auth_token", Value::from(token))]))
    }
}
