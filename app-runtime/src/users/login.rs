//! Login by name or e-mail and password, with a second factor where the user has one, and on the owner's behalf.

use serde_json::{Value, json};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::find;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types::is_truthy;
use crate::storage::{LoginRow, UserKey};
use crate::users::sessions::CreatedWith;
use crate::users::{identity, lockout, mfa, password_policy, passwords, roles, sessions};

/// Longer passwords are refused before any hashing.
const MAX_PASSWORD_BYTES: usize = 4096;

/// `POST /login`: the user, seen by themselves, with a new `sessionToken`.
pub async fn log_in(app: &AppState, caller: &Caller, params: &Fields) -> ParseResult<Value> {
    let row = verify(app, caller, params).await?;
    let auth_data = params.get("authData").filter(|sent| is_truthy(sent));
    let entry = auth_data.and_then(|data| data.get(mfa::PROVIDER));
    let proof = second_factor(app, &row, entry).await?;
    password_policy::check_age(app, &row).await?;
    let mut identities = identity::at_login(app, &row.id, auth_data).await?;
    let response = proof.redeem(app, &row.id).await?;
    identities.store(app, &row.id).await?;
    let with = CreatedWith {
        action: "login",
        provider: Some("password"),
    };
    let token = sessions::start(app, &row.id, with, caller.installation_id.as_deref()).await?;
    let mut user = seen_by(app, caller, &row.id).await?;
    user["sessionToken"] = token.into();
    if auth_data.is_some() {
        user["authDataResponse"] = mfa::auth_data_response(response);
    }
    Ok(user)
}

/// Checks the second factor of a user whose password or identity is proven, without using it up. Codes are guessed like
/// passwords, and counted like them; not to send one is no guess.
pub async fn second_factor(app: &AppState, row: &LoginRow, entry: Option<&Value>) -> ParseResult<mfa::Proof> {
    let needed = row.second_factor.is_some() && app.settings.mfa.is_some();
    if needed {
        lockout::check(app, &row.id).await?;
    }
    match mfa::check_login(app, row, entry) {
        Ok(proof) => {
            if needed {
                lockout::succeeded(app, &row.id).await?;
            }
            Ok(proof)
        }
        Err(error) => {
            if entry.is_some() {
                lockout::failed(app, &row.id).await?;
            }
            Err(error)
        }
    }
}

/// `/verifyPassword`: the user these credentials belong to; no session begins.
pub async fn verify_password(app: &AppState, caller: &Caller, params: &Fields) -> ParseResult<Value> {
    let row = verify(app, caller, params).await?;
    seen_by(app, caller, &row.id).await
}

/// `POST /loginAs`: a session of any user, for the master key (CVE-2026-30229: not for its read-only form).
pub async fn log_in_as(app: &AppState, caller: &Caller, user: Option<&Value>) -> ParseResult<Value> {
    if !caller.is_master() || caller.is_read_only() {
        let detail = if caller.is_read_only() {
            "read-only masterKey isn't allowed to login as another user."
        } else {
            "master key is required"
        };
        return Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail));
    }
    let user = user
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
        .ok_or_else(|| {
            ParseError::new(
                code::INVALID_VALUE,
                "userId must not be empty, null, or undefined",
            )
        })?;
    let mut answer = match find::get_value(app, caller, "_User", user).await {
        Err(error) if error.code == Some(code::OBJECT_NOT_FOUND) => {
            return Err(ParseError::new(code::OBJECT_NOT_FOUND, "user not found"));
        }
        found => found?,
    };
    let with = CreatedWith {
        action: "login",
        provider: Some("masterkey"),
    };
    let token = sessions::start(app, user, with, caller.installation_id.as_deref()).await?;
    answer["sessionToken"] = token.into();
    mfa::conceal(&mut answer);
    Ok(answer)
}

/// The user as the caller may see them: the master key everything, everybody else what users see of themselves. Nothing
/// is taken from the row itself, which holds secrets (CVE-2026-53725).
pub async fn seen_by(app: &AppState, caller: &Caller, user: &str) -> ParseResult<Value> {
    let seen = if caller.reads_all() {
        find::get_value(app, caller, "_User", user).await
    } else {
        let group = roles::group_of(app, user).await?;
        find::get_value(app, &Caller::of_group(group), "_User", user).await
    };
    match seen {
        Ok(user) => Ok(user),
        // The user may not be readable by themselves; they still are who they are.
        Err(error) if error.status() < 500 => Ok(json!({ "objectId": user })),
        Err(error) => Err(error),
    }
}

/// The user these credentials belong to. Every way to be wrong is the same answer and takes the same time
/// (CVE-2026-39321).
pub async fn verify(app: &AppState, caller: &Caller, params: &Fields) -> ParseResult<LoginRow> {
    let credentials = Credentials::decode(params)?;
    let row = candidate(app, credentials.username, credentials.email).await?;
    let hash = row.as_ref().and_then(|row| row.password_hash.clone());
    let matches = passwords::verify(credentials.password.to_owned(), hash).await?;
    let row = row.ok_or_else(wrong)?;
    if !matches {
        lockout::failed(app, &row.id).await?;
        return Err(wrong());
    }
    if row.second_factor.is_some() && app.settings.mfa.is_some() {
        // The password alone must not end a row of wrong codes.
        lockout::check(app, &row.id).await?;
    } else {
        lockout::succeeded(app, &row.id).await?;
    }
    if row.locked_out && !caller.writes_all() {
        return Err(wrong());
    }
    let ignores = caller.reads_all() && params.get("ignoreEmailVerification").is_some_and(is_truthy);
    let settings = &app.settings.email_verification;
    if settings.required && settings.prevents_login && !row.email_verified && !ignores {
        return Err(ParseError::new(
            code::EMAIL_NOT_FOUND,
            "User email is not verified.",
        ));
    }
    Ok(row)
}

/// Name or address, and password, all of them text.
struct Credentials<'a> {
    username: Option<&'a str>,
    email: Option<&'a str>,
    password: &'a str,
}

impl<'a> Credentials<'a> {
    fn decode(params: &'a Fields) -> ParseResult<Self> {
        let given = |field: &str| params.get(field).filter(|value| is_truthy(value));
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
        let text = |value: Option<&'a Value>| value.map(|value| value.as_str().ok_or_else(wrong)).transpose();
        Ok(Self {
            username: text(username)?,
            email: text(email)?,
            password: password.as_str().ok_or_else(wrong)?,
        })
    }
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
