//! Mails with a link that holds a token: who may get one, what it leads to, and sending it.
//!
//! The token is stored by the task that sends the mail. So a request about an address that has an account takes as long
//! as one about an address that has none.

use serde_json::Value;
use url::Url;

use crate::app::AppState;
use crate::languages;
use crate::mail::{self, Kind, Letter};
use crate::protocol::dates::Millis;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::is_truthy;
use crate::settings::is_locale;
use crate::storage::{self, MailToken, TokenRow};

/// Characters of a token.
const TOKEN_LENGTH: usize = 25;
/// No token is longer, so nothing longer is looked up.
pub const MAX_TOKEN: usize = 256;

/// Refuses where the app cannot send such mails.
pub fn check_configured(app: &AppState) -> ParseResult<()> {
    let settings = &app.settings;
    if app.outbox.is_some() && settings.app_name.is_some() && settings.public_server_url.is_some() {
        return Ok(());
    }
    Err(ParseError::new(
        code::INTERNAL_SERVER_ERROR,
        "An appName, publicServerURL, and emailAdapter are required for password reset and email verification functionality.",
    ))
}

/// The address in a request; 204 without one, 125 if it is no text.
pub fn address(sent: Option<&Value>) -> ParseResult<&str> {
    match sent.filter(|sent| is_truthy(sent)) {
        None => Err(ParseError::new(code::EMAIL_MISSING, "you must provide an email")),
        Some(Value::String(address)) => Ok(address),
        Some(_) => Err(ParseError::new(
            code::INVALID_EMAIL_ADDRESS,
            "you must provide a valid email string",
        )),
    }
}

/// A new token.
pub fn new_token(app: &AppState) -> String {
    app.random(TOKEN_LENGTH)
}

/// The end of a token's life that begins now; `None`: it has none.
pub fn expiry(app: &AppState, kind: MailToken) -> Option<Millis> {
    let validity = match kind {
        MailToken::Verification => app.settings.email_verification.token_validity,
        MailToken::PasswordReset => app.settings.password_policy.reset_token_validity,
    }?;
    Some(
        app.now()
            .saturating_add(i64::try_from(validity.as_millis()).unwrap_or(i64::MAX)),
    )
}

/// Who reads a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub to: String,
    pub username: String,
    /// In which language, if that is known.
    pub locale: Option<String>,
}

/// The locale that a request or a user names, if it is one; as pages take it.
pub fn locale(named: Option<&str>) -> Option<String> {
    named.filter(|locale| is_locale(locale)).map(str::to_owned)
}

/// Sends a user a link: with the token they have, if that shall be and it lives, else with a new one. `asked_in`: the
/// locale of the request, which goes before the user's own.
pub fn send_token(app: &AppState, kind: MailToken, row: TokenRow, asked_in: Option<&str>) {
    let reuses = match kind {
        MailToken::Verification => app.settings.email_verification.token_reuse_if_valid,
        MailToken::PasswordReset => app.settings.password_policy.reset_token_reuse_if_valid,
    };
    let alive = row.expires_at.is_some_and(|at| at > app.now());
    let username = row.user.username.unwrap_or_default();
    let recipient = Recipient {
        to: row.user.email.unwrap_or_else(|| username.clone()),
        username,
        locale: locale(asked_in).or_else(|| locale(row.user.locale.as_deref())),
    };
    match row.token.filter(|_| reuses && alive) {
        Some(token) => post(app, kind, &recipient, &token, None),
        None => post(app, kind, &recipient, &new_token(app), Some(&row.user.id)),
    }
}

/// Puts a mail with this token into the outbox. `store_for`: the user whose row must get the token first.
pub fn post(app: &AppState, kind: MailToken, recipient: &Recipient, token: &str, store_for: Option<&str>) {
    let (Some(outbox), Some(settings)) = (&app.outbox, &app.settings.mail) else {
        return;
    };
    let locale = recipient.locale.as_deref();
    let Some(link) = link(app, kind, token, locale) else {
        tracing::error!("no mail is sent: publicServerURL is missing or no address");
        return;
    };
    let letter = Letter {
        kind: match kind {
            MailToken::Verification => Kind::Verification,
            MailToken::PasswordReset => Kind::PasswordReset,
        },
        to: &recipient.to,
        app_name: app.settings.app_name.as_deref().unwrap_or_default(),
        username: &recipient.username,
        link: &link,
        languages: &languages::wanted(&app.settings.pages, locale),
    };
    let message = match mail::compose(settings, &letter) {
        Ok(message) => message,
        Err(reason) => return tracing::warn!(reason, "a mail to a user cannot be written"),
    };
    let store = store_for.map(|user| (app.storage.clone(), user.to_owned(), token.to_owned()));
    let expires_at = expiry(app, kind);
    let takes_place = storage::takes_place();
    outbox.put(async move {
        if !takes_place.await {
            return None;
        }
        if let Some((storage, user, token)) = store
            && let Err(error) = storage.set_token(kind, &user, &token, expires_at).await
        {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a mail is not sent: its token cannot be stored"
            );
            return None;
        }
        Some(message)
    });
}

/// The address of the page that takes the token, and speaks the language of the mail.
fn link(app: &AppState, kind: MailToken, token: &str, locale: Option<&str>) -> Option<String> {
    let page = match kind {
        MailToken::Verification => "verify_email",
        MailToken::PasswordReset => "request_password_reset",
    };
    let public = app.settings.public_server_url.as_deref()?;
    let pages = &app.settings.pages;
    let mut url = Url::parse(public).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend([
        pages.endpoint.as_str(),
        app.settings.app_id.as_str(),
        page,
    ]);
    if let Some(frame) = &pages.frame_url {
        // The frame gets the path behind the public address, as Parse Server hands it over.
        let path = url.as_str().strip_prefix(public).unwrap_or(url.path()).to_owned();
        url = Url::parse(frame).ok()?;
        url.query_pairs_mut().append_pair("link", &path);
    }
    let locale = locale.filter(|_| pages.enable_localization);
    url.query_pairs_mut()
        .append_pair("token", token)
        .extend_pairs(locale.map(|locale| ("locale", locale)));
    Some(url.into())
}
