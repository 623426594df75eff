//! Any OAuth 2 provider that says about an access token whose it is (RFC 7662), configured with `"oauth2": true`.

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::{Attempt, Verified, claims, id_text};
use crate::protocol::error::ParseResult;
use crate::settings::IntrospectionSettings;

/// Verifies that the token is active, of the user, and of the app.
pub struct Introspection {
    settings: IntrospectionSettings,
}

impl Introspection {
    pub fn new(settings: &IntrospectionSettings) -> Self {
        Self {
            settings: settings.clone(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        let token = attempt
            .text("access_token")
            .ok_or_else(|| attempt.refuse("there is no access_token"))?;
        let authorization = self
            .settings
            .authorization
            .as_ref()
            .map(ExposeSecret::expose_secret);
        let answer = attempt
            .http
            .post(self.settings.url.clone(), &[("token", token)], authorization)
            .await?;
        let Some(Value::Object(said)) = answer.json() else {
            return Err(attempt.refuse("the introspection was refused"));
        };
        self.check(&attempt, &said)
            .map_err(|reason| attempt.refuse(reason))?;
        Ok(Verified::new(
            attempt.id().unwrap_or_default(),
            [("access_token", Value::from(token))],
        ))
    }

    fn check(&self, attempt: &Attempt<'_>, said: &Map<String, Value>) -> Result<(), &'static str> {
        if said.get("active") != Some(&Value::Bool(true)) {
            return Err("the token is not active");
        }
        if said.contains_key("exp") && claims::check_time(said, attempt.now).is_err() {
            return Err("the token has expired");
        }
        let subject = id_text(said.get(&self.settings.user_id_field));
        if subject.is_none() || subject.as_deref() != attempt.id() {
            return Err("the token is another user's");
        }
        match &self.settings.app {
            Some((field, ours)) if !names_one_of(said.get(field), ours) => {
                Err("the token was made for another app")
            }
            _ => Ok(()),
        }
    }
}

fn names_one_of(said: Option<&Value>, ours: &[String]) -> bool {
    let is_ours = |value: &Value| id_text(Some(value)).is_some_and(|app| ours.contains(&app));
    match said {
        Some(Value::Array(several)) => several.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => false,
    }
}
