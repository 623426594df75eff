//! `verifyUserEmails`: users prove that their address is theirs, by a link that is mailed to it.

use serde_json::{Value, json};

use crate::app::AppState;
use crate::objects::draft::Draft;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::storage::{Addressee, MailToken};
use crate::users::mailing::{self, Recipient};
use crate::users::password_policy;

const KIND: MailToken = MailToken::Verification;

/// A mail to be sent once the address is stored.
#[derive(Debug)]
pub struct Pending {
    recipient: Recipient,
    token: String,
}

/// Marks the address that a write sets as unproven and gives it a token. `None`: the write sets none, or nothing needs
/// proof, as with users of a provider (`has_identity`), who prove themselves there.
pub fn begin(app: &AppState, draft: &mut Draft, has_identity: bool) -> Option<Pending> {
    let settings = &app.settings.email_verification;
    let text = |field: &str| draft.value(field).and_then(Value::as_str).map(str::to_owned);
    let to = text("email")?;
    if !settings.required || has_identity {
        return None;
    }
    let recipient = Recipient {
        to,
        username: text("username").unwrap_or_default(),
        locale: mailing::locale(text("locale").as_deref()),
    };
    let token = mailing::new_token(app);
    draft.set("emailVerified", false);
    draft.internal.insert(KIND.column().into(), json!(token));
    if let Some(at) = mailing::expiry(app, KIND) {
        draft
            .internal
            .insert(KIND.expiry_column().into(), password_policy::date(at));
    }
    Some(Pending { recipient, token })
}

impl Pending {
    /// With what the stored user says of themselves where the write does not.
    pub async fn to_known(mut self, app: &AppState, user: &str) -> ParseResult<Self> {
        let recipient = &mut self.recipient;
        if let Some(row) = app.storage.login_row(user).await? {
            if recipient.username.is_empty() {
                recipient.username = row.username.unwrap_or_default();
            }
            recipient.locale = recipient
                .locale
                .take()
                .or_else(|| mailing::locale(row.locale.as_deref()));
        }
        Ok(self)
    }

    /// Sends the mail, unless the app sends none by itself (`sendUserEmailVerification`).
    pub fn send(self, app: &AppState) {
        if app.settings.email_verification.send {
            mailing::post(app, KIND, &self.recipient, &self.token, None);
        }
    }
}

/// Whether new users get no session before their address is proven.
pub fn withholds_session(app: &AppState) -> bool {
    let settings = &app.settings.email_verification;
    settings.required && settings.prevents_login
}

/// What a sign-up without session answers: an error, if the app wants that although the user now exists.
pub fn check_sign_up(app: &AppState) -> ParseResult<()> {
    if app.settings.email_verification.prevents_signup {
        return Err(ParseError::new(
            code::EMAIL_NOT_FOUND,
            "User email is not verified.",
        ));
    }
    Ok(())
}

/// `POST /verificationEmailRequest`, by address, in the language that `locale` names if it does. Unless the app wants
/// otherwise, the answer does not tell who exists.
pub async fn request(app: &AppState, body: &Fields) -> ParseResult<()> {
    mailing::check_configured(app)?;
    let email = mailing::address(body.get("email"))?;
    let settings = &app.settings.email_verification;
    let found = app.storage.addressee(KIND, Addressee::Address(email)).await?;
    let refusal = match found {
        None => ParseError::new(code::EMAIL_NOT_FOUND, format!("No user found with email {email}")),
        Some(row) if row.user.email_verified => {
            ParseError::new(code::OTHER_CAUSE, format!("Email {email} is already verified."))
        }
        Some(row) => {
            if settings.required && settings.send {
                mailing::send_token(app, KIND, row, body.get("locale").and_then(Value::as_str));
            }
            return Ok(());
        }
    };
    if settings.success_on_invalid_email {
        Ok(())
    } else {
        Err(refusal)
    }
}

/// The link in the mail was followed; `false` if its token is not (or no more) good.
pub async fn confirm(app: &AppState, token: &str) -> ParseResult<bool> {
    let settings = &app.settings.email_verification;
    if !settings.required || !is_token(token) {
        return Ok(false);
    }
    let now = app.now();
    let alive_at = settings.token_validity.map(|_| now);
    let confirmed = app.storage.verify_address(token, alive_at, now).await?;
    Ok(confirmed)
}

/// Somebody asks for another mail on a page, by name or by an old token, in the page's language; `false` if there is
/// nothing to send.
pub async fn resend(
    app: &AppState,
    username: Option<&str>,
    token: Option<&str>,
    locale: Option<&str>,
) -> ParseResult<bool> {
    let by = match (username, token) {
        (_, Some(token)) if is_token(token) => Addressee::Token(token),
        (Some(name), None) => Addressee::Name(name),
        _ => return Ok(false),
    };
    let found = app.storage.addressee(KIND, by).await?;
    let named = |row: &crate::storage::TokenRow| {
        username.is_none_or(|name| row.user.username.as_deref() == Some(name))
    };
    let settings = &app.settings.email_verification;
    match found.filter(|row| named(row) && !row.user.email_verified && row.user.email.is_some()) {
        Some(row) if settings.required => {
            if settings.send {
                mailing::send_token(app, KIND, row, locale);
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn is_token(token: &str) -> bool {
    (1..=mailing::MAX_TOKEN).contains(&token.len())
}
