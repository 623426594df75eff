//! Providers whose one-time authorization code the server exchanges for an access token, with which it asks who the
//! user is. The exchange needs this app's own secret or code verifier, so a code of another app is worth nothing here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use super::{Attempt, Verified, id_text};
use crate::protocol::error::ParseResult;
use crate::settings::CodeSettings;

/// How a provider's token endpoint wants to be called.
#[derive(Clone, Copy, PartialEq)]
enum Exchange {
    /// RFC 6749, the client's id and secret in the form.
    Form,
    /// RFC 6749, the client's id and secret in the header.
    Basic,
    /// RFC 7636, the client's id and the code verifier in the form; no secret.
    Verifier,
    /// As in the form, but in the query of a GET (QQ).
    Query,
    /// WeChat's own: a GET, whose answer names the user already.
    WeChat,
}

/// How a provider wants to be asked who a token is of.
#[derive(Clone, Copy, PartialEq)]
enum Profile {
    /// RFC 6750, the token in the header.
    Header,
    /// A GET with the token in the query.
    Query,
    /// A POST with the token in the form.
    Form,
    /// The token endpoint has said so already.
    Known,
}

/// What is particular about a provider. Sources: each provider's documentation of the authorization code flow.
struct Flow {
    name: &'static str,
    token_url: &'static str,
    profile_url: &'static str,
    exchange: Exchange,
    profile: Profile,
    /// What a client must send beside the code.
    needs: &'static [&'static str],
    /// Where in the profile (or in WeChat's answer) the user's id is.
    id: &'static [&'static str],
}

#[rustfmt::skip]
const FLOWS: &[Flow] = &[
    Flow { name: "discord", token_url: "https://discord.com/api/oauth2/token", profile_url: "https://discord.com/api/users/@me",
           exchange: Exchange::Form, profile: Profile::Header, needs: &["redirect_uri"], id: &["/id"] },
    Flow { name: "github", token_url: "https://github.com/login/oauth/access_token", profile_url: "https://api.github.com/user",
           exchange: Exchange::Form, profile: Profile::Header, needs: &[], id: &["/id"] },
    Flow { name: "gitlab", token_url: "https://gitlab.com/oauth/token", profile_url: "https://gitlab.com/api/v4/user",
           exchange: Exchange::Form, profile: Profile::Header, needs: &["redirect_uri"], id: &["/id"] },
    Flow { name: "gpgames", token_url: "https://oauth2.googleapis.com/token", profile_url: "https://games.googleapis.com/games/v1/players/me",
           exchange: Exchange::Form, profile: Profile::Header, needs: &[], id: &["/playerId"] },
    Flow { name: "instagram", token_url: "https://api.instagram.com/oauth/access_token", profile_url: "https://graph.instagram.com/me?fields=id",
           exchange: Exchange::Form, profile: Profile::Query, needs: &["redirect_uri"], id: &["/id"] },
    Flow { name: "line", token_url: "https://api.line.me/oauth2/v2.1/token", profile_url: "https://api.line.me/v2/profile",
           exchange: Exchange::Form, profile: Profile::Header, needs: &["redirect_uri"], id: &["/userId"] },
    Flow { name: "linkedin", token_url: "https://www.linkedin.com/oauth/v2/accessToken", profile_url: "https://api.linkedin.com/v2/userinfo",
           exchange: Exchange::Form, profile: Profile::Header, needs: &["redirect_uri"], id: &["/sub", "/id"] },
    Flow { name: "microsoft", token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token", profile_url: "https://graph.microsoft.com/v1.0/me",
           exchange: Exchange::Form, profile: Profile::Header, needs: &["redirect_uri"], id: &["/id"] },
    Flow { name: "qq", token_url: "https://graph.qq.com/oauth2.0/token?fmt=json", profile_url: "https://graph.qq.com/oauth2.0/me?fmt=json",
           exchange: Exchange::Query, profile: Profile::Query, needs: &["redirect_uri"], id: &["/openid"] },
    Flow { name: "spotify", token_url: "https://accounts.spotify.com/api/token", profile_url: "https://api.spotify.com/v1/me",
           exchange: Exchange::Verifier, profile: Profile::Header, needs: &["redirect_uri", "code_verifier"], id: &["/id"] },
    Flow { name: "twitter", token_url: "https://api.x.com/2/oauth2/token", profile_url: "https://api.x.com/2/users/me",
           exchange: Exchange::Basic, profile: Profile::Header, needs: &["redirect_uri", "code_verifier"], id: &["/data/id"] },
    Flow { name: "wechat", token_url: "https://api.weixin.qq.com/sns/oauth2/access_token", profile_url: "",
           exchange: Exchange::WeChat, profile: Profile::Known, needs: &[], id: &["/openid"] },
    Flow { name: "weibo", token_url: "https://api.weibo.com/oauth2/access_token", profile_url: "https://api.weibo.com/oauth2/get_token_info",
           exchange: Exchange::Form, profile: Profile::Form, needs: &["redirect_uri"], id: &["/uid"] },
    Flow { name: "x", token_url: "https://api.x.com/2/oauth2/token", profile_url: "https://api.x.com/2/users/me",
           exchange: Exchange::Basic, profile: Profile::Header, needs: &["redirect_uri", "code_verifier"], id: &["/data/id"] },
];

/// One such provider.
pub struct CodeExchange {
    flow: &'static Flow,
    settings: CodeSettings,
    token_url: Option<Url>,
    profile_url: Option<Url>,
}

impl CodeExchange {
    /// `name` is one that the settings let through.
    pub fn new(name: &str, settings: &CodeSettings) -> Self {
        let flow = FLOWS.iter().find(|flow| flow.name == name).unwrap_or(&FLOWS[0]);
        let or_default = |own: &Option<Url>, default: &str| own.clone().or_else(|| Url::parse(default).ok());
        Self {
            token_url: or_default(&settings.token_url, flow.token_url),
            profile_url: or_default(&settings.profile_url, flow.profile_url),
            flow,
            settings: settings.clone(),
        }
    }

    pub async fn validate(&self, attempt: Attempt<'_>) -> ParseResult<Verified> {
        let code = attempt.text("code").ok_or_else(|| attempt.lacks("code"))?;
        for field in self.flow.needs {
            attempt.text(field).ok_or_else(|| attempt.lacks(field))?;
        }
        let granted = self.exchange(&attempt, code).await?;
        // Instagram puts its answer into a list.
        let token = ["/access_token", "/data/0/access_token"]
            .iter()
            .find_map(|pointer| granted.pointer(pointer)?.as_str())
            .filter(|token| !token.is_empty())
            .ok_or_else(|| attempt.refuse("the provider does not take the code"))?
            .to_owned();
        let profile = match self.flow.profile {
            Profile::Known => granted,
            _ => self.profile(&attempt, &token).await?,
        };
        let id = self
            .id_in(&profile)
            .ok_or_else(|| attempt.refuse("the provider names no user"))?;
        if attempt.data.contains_key("id") && attempt.id() != Some(id.as_str()) {
            return Err(attempt.refuse("the code is another user's"));
        }
        Ok(Verified::new(id, [("access_token", Value::from(token))]))
    }

    fn id_in(&self, profile: &Value) -> Option<String> {
        let mut pointers = self.flow.id.iter();
        pointers.find_map(|pointer| id_text(profile.pointer(pointer)))
    }

    /// The answer of the token endpoint, or null.
    async fn exchange(&self, attempt: &Attempt<'_>, code: &str) -> ParseResult<Value> {
        let Some(mut url) = self.token_url.clone() else {
            return Ok(Value::Null);
        };
        let id = self.settings.client_id.as_str();
        let secret = self
            .settings
            .client_secret
            .as_ref()
            .map(ExposeSecret::expose_secret);
        if self.flow.exchange == Exchange::WeChat {
            let secret = secret.unwrap_or_default();
            url.query_pairs_mut().extend_pairs([
                ("appid", id),
                ("secret", secret),
                ("code", code),
                ("grant_type", "authorization_code"),
            ]);
            return Ok(attempt.http.get(url, None).await?.json().unwrap_or_default());
        }
        let mut form = vec![("grant_type", "authorization_code"), ("code", code)];
        let further = ["redirect_uri", "code_verifier"];
        form.extend(
            further
                .iter()
                .filter_map(|field| Some((*field, attempt.text(field)?))),
        );
        // Parse Server reads it by this name for Google Play Games.
        if let (None, Some(uri)) = (attempt.text("redirect_uri"), attempt.text("redirectUri")) {
            form.push(("redirect_uri", uri));
        }
        let header = match (self.flow.exchange, secret) {
            (Exchange::Basic, Some(secret)) => Some(basic(id, secret)),
            (Exchange::Form | Exchange::Query, Some(secret)) => {
                form.extend([("client_id", id), ("client_secret", secret)]);
                None
            }
            _ => {
                form.push(("client_id", id));
                None
            }
        };
        if self.flow.exchange == Exchange::Query {
            url.query_pairs_mut().extend_pairs(form);
            return Ok(attempt.http.get(url, None).await?.json().unwrap_or_default());
        }
        let answer = attempt.http.post(url, &form, header.as_deref()).await?;
        Ok(answer.json().unwrap_or_default())
    }

    async fn profile(&self, attempt: &Attempt<'_>, token: &str) -> ParseResult<Value> {
        let Some(mut url) = self.profile_url.clone() else {
            return Ok(Value::Null);
        };
        let answer = match self.flow.profile {
            Profile::Form => attempt.http.post(url, &[("access_token", token)], None).await?,
            Profile::Query => {
                url.query_pairs_mut().append_pair("access_token", token);
                attempt.http.get(url, None).await?
            }
            _ => attempt.http.get(url, Some(token)).await?,
        };
        Ok(answer.json().unwrap_or_default())
    }
}

/// RFC 6749, section 2.3.1: both are form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    format!(
        "Basic {}",
        BASE64.encode(format!("{}:{}", encoded(id), encoded(secret)))
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_address_is_one() {
        for flow in FLOWS {
            assert!(Url::parse(flow.token_url).is_ok(), "{}", flow.name);
            assert!(
                flow.exchange == Exchange::WeChat || Url::parse(flow.profile_url).is_ok(),
                "{}",
                flow.name
            );
        }
    }

    /// `/v2/me` is for apps of old, which may still name it: new ones are not given the permission it needs.
    /// <https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2>
    #[test]
    fn linkedin_is_asked_where_its_new_apps_may_ask() {
        let settings = |profile_url: Option<&str>| CodeSettings {
            client_id: "client".to_owned(),
            client_secret: None,
            token_url: None,
            profile_url: profile_url.map(|url| Url::parse(url).unwrap()),
        };
        let new = CodeExchange::new("linkedin", &settings(None));
        let asked = new.profile_url.as_ref().map(Url::as_str);
        assert_eq!(asked, Some("https://api.linkedin.com/v2/userinfo"));
        let userinfo =
            json!({"sub": "782bbtaQ", "name": "John Doe", "locale": "en-US", "email": "doe@example.org"});
        assert_eq!(new.id_in(&userinfo).as_deref(), Some("782bbtaQ"));
        let old = CodeExchange::new("linkedin", &settings(Some("https://api.linkedin.com/v2/me")));
        let me = json!({"id": "yrZCpj2Z12", "localizedFirstName": "Bob"});
        assert_eq!(old.id_in(&me).as_deref(), Some("yrZCpj2Z12"));
    }

    #[test]
    fn a_client_proves_itself_in_the_header() {
        // RFC 6749, section 2.3.1.
        assert_eq!(
            basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"),
            "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
        );
    }
}
