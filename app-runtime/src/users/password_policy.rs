//! `passwordPolicy`: what a password must be like, which may not come back, and how long one lasts.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::protocol::dates;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::PasswordPolicy;
use crate::storage::LoginRow;
use crate::users::passwords;

/// Refuses a password that the app does not want. `user`: who has it so far; `username`: the name it must not hold, if
/// the same request sets it.
pub async fn check(
    app: &AppState,
    password: &str,
    username: Option<&str>,
    user: Option<&str>,
) -> ParseResult<()> {
    let policy = &app.settings.password_policy;
    check_form(policy, password)?;
    if policy.do_not_allow_username {
        let stored = match (username, user) {
            (None, Some(user)) => app.storage.login_row(user).await?.and_then(|row| row.username),
            _ => None,
        };
        if let Some(name) = username.or(stored.as_deref()).filter(|name| !name.is_empty())
            && password.contains(name)
        {
            return Err(ParseError::new(
                code::VALIDATION_ERROR,
                "Password cannot contain your username.",
            ));
        }
    }
    match user {
        Some(user) if policy.max_password_history > 0 => check_history(app, policy, password, user).await,
        _ => Ok(()),
    }
}

fn check_form(policy: &PasswordPolicy, password: &str) -> ParseResult<()> {
    match &policy.validator_pattern {
        // A pattern that gives up on a password has not accepted it.
        Some(pattern) if !pattern.is_match(password).unwrap_or(false) => Err(refused(
            policy,
            "Password does not meet the Password Policy requirements.",
        )),
        _ => Ok(()),
    }
}

async fn check_history(
    app: &AppState,
    policy: &PasswordPolicy,
    password: &str,
    user: &str,
) -> ParseResult<()> {
    let (old, current) = app.storage.password_hashes(user).await?;
    let compared = old
        .into_iter()
        .take(policy.max_password_history - 1)
        .chain(current);
    for hash in compared {
        if passwords::verify(password.to_owned(), Some(hash)).await? {
            let message = format!(
                "New password should not be the same as last {} passwords.",
                policy.max_password_history
            );
            return Err(ParseError::new(code::VALIDATION_ERROR, message));
        }
    }
    Ok(())
}

/// The columns to write beside a new password of `user`, or of a new user.
pub async fn columns(app: &AppState, user: Option<&str>) -> ParseResult<Map<String, Value>> {
    let policy = &app.settings.password_policy;
    let mut columns = Map::new();
    if policy.max_password_age.is_some() {
        columns.insert("_password_changed_at".into(), date(app.now()));
    }
    if let Some(user) = user.filter(|_| policy.max_password_history > 0) {
        let (mut old, current) = app.storage.password_hashes(user).await?;
        old.truncate(policy.max_password_history);
        let kept = policy.max_password_history.saturating_sub(2);
        old.drain(..old.len().saturating_sub(kept));
        old.extend(current);
        columns.insert("_password_history".into(), old.into());
    }
    Ok(columns)
}

/// Refuses a log-in with a password that is too old. One from before ages were counted is young from now on.
pub async fn check_age(app: &AppState, row: &LoginRow) -> ParseResult<()> {
    let Some(age) = app.settings.password_policy.max_password_age else {
        return Ok(());
    };
    let now = app.now();
    let Some(changed_at) = row.password_changed_at else {
        return Ok(app.storage.start_password_age(&row.id, now).await?);
    };
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    if changed_at.saturating_add(age) < now {
        return Err(ParseError::new(
            code::OBJECT_NOT_FOUND,
            "Your password has expired. Please reset your password.",
        ));
    }
    Ok(())
}

fn refused(policy: &PasswordPolicy, reason: &str) -> ParseError {
    let message = policy.validation_error.as_deref().unwrap_or(reason);
    ParseError::new(code::VALIDATION_ERROR, message)
}

/// A date as columns take it.
pub fn date(at: dates::Millis) -> Value {
    json!({ "__type": "Date", "iso": dates::to_iso(at) })
}
