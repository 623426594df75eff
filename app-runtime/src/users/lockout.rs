//! `accountLockout`: failures in a row lock an account for a while, against guessing of passwords and codes.
//!
//! Counted by single statements, so that many guesses at the same moment count as many. A right password while the
//! lock holds is refused like a wrong one (reference section 6.5).

use crate::app::AppState;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::AccountLockout;
use crate::storage::LockRule;

/// Refuses while the lock holds.
pub async fn check(app: &AppState, user: &str) -> ParseResult<()> {
    match &app.settings.account_lockout {
        Some(settings) if app.storage.is_locked(user, &rule(app, settings)).await? => Err(locked(settings)),
        _ => Ok(()),
    }
}

/// Books a failure; an error if the account is locked already.
pub async fn failed(app: &AppState, user: &str) -> ParseResult<()> {
    let Some(settings) = &app.settings.account_lockout else {
        return Ok(());
    };
    let failures = app.storage.count_failed_login(user, &rule(app, settings)).await?;
    match failures {
        Some(failures) if failures <= settings.threshold => Ok(()),
        _ => Err(locked(settings)),
    }
}

/// Ends a row of failures; an error if the account is locked, and then nothing may follow from the log-in.
pub async fn succeeded(app: &AppState, user: &str) -> ParseResult<()> {
    match &app.settings.account_lockout {
        Some(settings)
            if !app
                .storage
                .forgive_failed_logins(user, &rule(app, settings))
                .await? =>
        {
            Err(locked(settings))
        }
        _ => Ok(()),
    }
}

/// Lifts the lock after a reset of the password, if the app wants that.
pub async fn password_was_reset(app: &AppState, user: &str) -> ParseResult<()> {
    match &app.settings.account_lockout {
        Some(settings) if settings.unlock_on_password_reset => Ok(app.storage.unlock(user).await?),
        _ => Ok(()),
    }
}

fn rule(app: &AppState, settings: &AccountLockout) -> LockRule {
    let now = app.now();
    LockRule {
        threshold: settings.threshold,
        now,
        until: now + (settings.minutes * 60_000.0) as i64,
    }
}

fn locked(settings: &AccountLockout) -> ParseError {
    let message = format!(
        "Your account is locked due to multiple failed login attempts. Please try again after {} minute(s)",
        settings.minutes
    );
    ParseError::new(code::OBJECT_NOT_FOUND, message)
}
