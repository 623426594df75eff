//! Resetting a forgotten password: the request for a mail, and the use of the link in it.
//!
//! A token works once: the statement that stores the new password also asks for the token, and takes it
//! (CVE-2026-32943). What is no text is no token (CVE-2026-30941).

use serde_json::Value;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::draft::Draft;
use crate::objects::update;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::is_truthy;
use crate::query::Filter;
use crate::storage::{Addressee, MailToken, TokenRow};
use crate::users::{lockout, mailing, profile, sessions};

const KIND: MailToken = MailToken::PasswordReset;
const CLASS: &str = "_User";

/// `POST /requestPasswordReset`, by address or by an expired token, in the language that `locale` names if it does. Unless
/// the app wants otherwise, the answer does not tell who exists.
pub async fn request(app: &AppState, body: &Fields) -> ParseResult<()> {
    mailing::check_configured(app)?;
    let found = match body.get("token").filter(|token| is_truthy(token)) {
        Some(token) => Some(by_expired_token(app, token).await?),
        None => {
            let address = mailing::address(body.get("email"))?;
            app.storage
                .addressee(KIND, Addressee::AddressOrName(address))
                .await?
        }
    };
    match found {
        Some(row) => mailing::send_token(app, KIND, row, body.get("locale").and_then(Value::as_str)),
        None if app
            .settings
            .password_policy
            .reset_password_success_on_invalid_email => {}
        None => {
            return Err(ParseError::new(
                code::OBJECT_NOT_FOUND,
                "A user with that email does not exist.",
            ));
        }
    }
    Ok(())
}

/// The owner of a link that came too late may have another one.
async fn by_expired_token(app: &AppState, token: &Value) -> ParseResult<TokenRow> {
    let token = token
        .as_str()
        .ok_or_else(|| ParseError::new(code::INVALID_VALUE, "token must be a string"))?;
    let now = app.now();
    find(app, token)
        .await?
        .filter(|row| row.expires_at.is_some_and(|at| at < now) && row.user.email.is_some())
        .ok_or_else(|| {
            ParseError::new(
                code::INVALID_EMAIL_ADDRESS,
                "you must provide a valid email string",
            )
        })
}

async fn find(app: &AppState, token: &str) -> ParseResult<Option<TokenRow>> {
    if !(1..=mailing::MAX_TOKEN).contains(&token.len()) {
        return Ok(None);
    }
    Ok(app.storage.addressee(KIND, Addressee::Token(token)).await?)
}

/// The user whose password this token may set; the error says what is wrong with it, for people.
pub async fn check(app: &AppState, token: &str) -> ParseResult<TokenRow> {
    let row = find(app, token).await?.ok_or_else(invalid)?;
    let may_expire = app.settings.password_policy.reset_token_validity.is_some();
    if may_expire && row.expires_at.is_some_and(|at| at < app.now()) {
        return Err(ParseError::new(
            code::OTHER_CAUSE,
            "The password reset link has expired",
        ));
    }
    Ok(row)
}

/// Sets a new password by a token. Sessions end, a lock may be lifted.
pub async fn reset(app: &AppState, token: &str, password: &str) -> ParseResult<()> {
    let row = check(app, token).await?;
    let id = row.user.id.as_str();
    let mut draft = Draft::default();
    draft.set("password", password);
    profile::hash_password(app, &mut draft, Some(id)).await?;
    let filter = Filter::All(vec![
        Filter::equals("objectId", id),
        Filter::equals(KIND.column(), token),
    ]);
    match update::apply(app, &Caller::master(), CLASS, &filter, id, draft).await {
        Err(error) if error.code == Some(code::OBJECT_NOT_FOUND) => return Err(invalid()),
        done => done?,
    };
    if app.settings.revoke_session_on_password_reset {
        sessions::end_all(app, id).await?;
    }
    lockout::password_was_reset(app, id).await
}

fn invalid() -> ParseError {
    ParseError::new(
        code::OTHER_CAUSE,
        "Failed to reset password: username / email / token is invalid",
    )
}
