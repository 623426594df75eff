//! Pausing and resuming an app: its data, keys and address stay, its processes go.

use serde_json::json;

use super::apps::{about, finish, lock};
use crate::{
    auth::Caller,
    error::ApiError,
    regions::SuspensionReason,
    state::AppState,
    store::{apps::App, sizing},
};

/// Has the app stop serving because a person wants so. Repeating it changes nothing.
pub async fn pause(state: &AppState, caller: &Caller, app: &App) -> Result<App, ApiError> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let app = lock(&mut tx, caller, app.id).await?;
    refuse_deleted_and_held(&app)?;
    if !sizing::suspend(&mut *tx, app.id, SuspensionReason::UserRequested, now).await? {
        return Ok(app);
    }
    let mut event = about("app.pause", &app);
    event.after = Some(json!({ "suspension": SuspensionReason::UserRequested }));
    finish(state, tx, caller, app.id, event, now).await
}

/// Takes the pause back. Repeating it changes nothing.
pub async fn resume(state: &AppState, caller: &Caller, app: &App) -> Result<App, ApiError> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let app = lock(&mut tx, caller, app.id).await?;
    refuse_deleted_and_held(&app)?;
    if !sizing::resume(&mut *tx, app.id, SuspensionReason::UserRequested, now).await? {
        return Ok(app);
    }
    let mut event = about("app.resume", &app);
    event.before = Some(json!({ "suspension": SuspensionReason::UserRequested }));
    finish(state, tx, caller, app.id, event, now).await
}

/// A suspension with another cause ends with that cause.
fn refuse_deleted_and_held(app: &App) -> Result<(), ApiError> {
    match app.suspension {
        _ if app.deleted_at.is_some() => Err(ApiError::AppDeleted),
        Some((reason, _)) if reason != SuspensionReason::UserRequested => Err(ApiError::AppSuspended(reason)),
        _ => Ok(()),
    }
}
