//! Login by name or e-mail and password.

use serde_json::Value;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::find;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::storage::{LoginRow, UserKey};
use crate::users::sessions::CreatedWith;
use crate::users::{passwords, sessions};

/// Longer passwords are refused before any hashing.
const MAX_PASSWORD_BYTES: usize = 4096;

/// `POST /login`: the user, seen by themselves, with a new `sessionToken`.
pub async fn log_in(app: &AppState, caller: &Caller, params: &Fields) -> ParseResult<Value> {
    let row = verify(app, params).await?;
    let with = CreatedWith {
        action: "login",
        provider: Some("password"),
    };
    let token = sessions::start(app, &row.id, with, caller.installation_id.as_deref()).await?;
    let session = sessions::resolve(app, &token).await?;
    let mut user = match find::get_value(app, &Caller::of_session(session), "_User", &row.id).await {
        Ok(user) => user,
        // The user may not be readable by themselves; they still have signed in.
        Err(error) if error.code == Some(code::OBJECT_NOT_FOUND) => serde_json::json!({ "objectId": row.id }),
        Err(error) => return Err(error),
    };
    user["sessionToken"] = token.into();
    Ok(user)
}

/// The user these credentials belong to. Every way to be wrong is the same answer and takes the same time.
async fn verify(app: &AppState, params: &Fields) -> ParseResult<LoginRow> {
    let given = |field: &str| {
        params
            .get(field)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
    };
    let (username, email, password) = (given("username"), given("email"), given("password"));
    if username.is_none() && email.is_none() {
        return Err(ParseError::new(
            code::USERNAME_MISSING,
            "username/email is required.",
        ));
    }
    let password =
        password.ok_or_else(|| ParseError::new(code::PASSWORD_MISSING, "password is required."))?;
    check_length(Some(password))?;
    let texts = [username, email]
        .into_iter()
        .flatten()
        .chain([password])
        .all(Value::is_string);
    if !texts {
        return Err(wrong());
    }
    let row = candidate(
        app,
        username.and_then(Value::as_str),
        email.and_then(Value::as_str),
    )
    .await?;
    let hash = row.as_ref().and_then(|row| row.password_hash.clone());
    let matches = passwords::verify(password.as_str().unwrap_or_default().to_owned(), hash).await?;
    row.filter(|row| matches && !row.locked_out).ok_or_else(wrong)
}

/// `username` may also be somebody's e-mail; if it is one user's name and another's e-mail, the name wins.
async fn candidate(
    app: &AppState,
    username: Option<&str>,
    email: Option<&str>,
) -> ParseResult<Option<LoginRow>> {
    let rows = match (username, email) {
        (Some(name), None) => {
            app.storage
                .users_by(&[UserKey::Username, UserKey::Email], name)
                .await?
        }
        (Some(name), Some(_)) => app.storage.users_by(&[UserKey::Username], name).await?,
        (None, Some(email)) => app.storage.users_by(&[UserKey::Email], email).await?,
        (None, None) => Vec::new(),
    };
    let fits = |row: &&LoginRow| email.is_none_or(|email| row.email.as_deref() == Some(email));
    let by_name = rows
        .iter()
        .filter(fits)
        .find(|row| username.is_some() && row.username.as_deref() == username);
    Ok(by_name.or_else(|| rows.iter().find(fits)).cloned())
}

/// Refuses passwords that would only cost time.
pub fn check_length(password: Option<&Value>) -> ParseResult<()> {
    match password.and_then(Value::as_str) {
        Some(text) if text.len() > MAX_PASSWORD_BYTES => Err(wrong()),
        _ => Ok(()),
    }
}

fn wrong() -> ParseError {
    ParseError::new(code::OBJECT_NOT_FOUND, "Invalid username/password.")
}
