//! An app's life as its owner drives it: create, rename, delete, undelete. Each change raises the generation,
//! writes the audit log in the same transaction, and wakes the reconciler.

use chrono::{DateTime, Utc};
use ids::{AppId, OrganizationId, application_id, usage_token};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    audit::{self, Event},
    keys,
    values::Name,
};
use crate::{
    auth::{Caller, CanEdit, permit},
    crypto::sha256,
    error::ApiError,
    regions::Region,
    state::AppState,
    store::{
        app_secrets::SecretKind,
        apps::{self, App, NewApp},
        organizations,
    },
};

/// Tries to find a free application id; one of 1.5 billion is taken at the first try by bad luck only.
const SLUG_TRIES: usize = 5;

/// Makes an app with all its secrets; the region starts it.
pub async fn create(
    state: &AppState,
    caller: &Caller,
    name: &Name,
    region: Region,
    organization: Option<OrganizationId>,
) -> Result<App, ApiError> {
    if !state.drivers.contains_key(&region) {
        return Err(ApiError::field(
            "region",
            format!("`{region}` is not served here."),
        ));
    }
    let organization_id = choose_organization(state, caller, organization).await?;
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let limit = state.config.limits.apps_per_organization;
    if apps::count_live(&mut tx, organization_id).await? >= i64::from(limit) {
        return Err(ApiError::AppLimitReached(limit));
    }
    let id = AppId::new(&*state.ids);
    let usage_token = usage_token(&*state.ids, id);
    let hash = sha256(&[usage_token.as_bytes()]);
    insert_with_free_application_id(state, &mut tx, (id, organization_id, hash), name, region, now).await?;
    keys::put(state, &mut tx, id, SecretKind::UsageToken, usage_token, now).await?;
    keys::put_new(state, &mut tx, id, now).await?;
    let event = Event {
        action: "app.create",
        organization_id: Some(organization_id),
        app_id: Some(id),
        after: Some(json!({ "name": name.as_str(), "region": region })),
        before: None,
    };
    audit::by_caller(&mut tx, &*state.ids, caller, now, event).await?;
    let app = load(&mut tx, caller, id).await?;
    tx.commit().await?;
    state.wake.now();
    Ok(app)
}

/// The organization named, or the caller's first one; the caller must be allowed to create apps there.
async fn choose_organization(
    state: &AppState,
    caller: &Caller,
    wanted: Option<OrganizationId>,
) -> Result<OrganizationId, ApiError> {
    let memberships = organizations::list_for_account(&state.pool, caller.account.id).await?;
    let chosen = match wanted {
        Some(id) => memberships
            .into_iter()
            .find(|membership| membership.organization_id == id),
        None => memberships.into_iter().next(),
    };
    let chosen = chosen.ok_or(ApiError::NotFound("organization"))?;
    permit::<CanEdit>(chosen.role)?;
    Ok(chosen.organization_id)
}

async fn insert_with_free_application_id(
    state: &AppState,
    tx: &mut PgConnection,
    (id, organization_id, usage_token_sha256): (AppId, OrganizationId, [u8; 32]),
    name: &Name,
    region: Region,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    for _ in 0..SLUG_TRIES {
        let application_id = application_id(&*state.ids, name.as_str());
        let (name, application_id) = (name.as_str(), application_id.as_str());
        let app = NewApp {
            id,
            organization_id,
            name,
            region,
            application_id,
            usage_token_sha256,
        };
        if apps::insert(&mut *tx, &app, now).await? {
            return Ok(());
        }
    }
    Err(ApiError::internal("no free application id was found"))
}

/// Gives an app another name. Its application id stays.
pub async fn rename(state: &AppState, caller: &Caller, app: &App, name: &Name) -> Result<App, ApiError> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let app = lock(&mut tx, caller, app.id).await?;
    if app.deleted_at.is_some() {
        return Err(ApiError::AppDeleted);
    }
    if app.name == name.as_str() {
        return Ok(app);
    }
    apps::rename(&mut *tx, app.id, name.as_str(), now).await?;
    let mut event = about("app.rename", &app);
    event.before = Some(json!({ "name": app.name }));
    event.after = Some(json!({ "name": name.as_str() }));
    finish(state, tx, caller, app.id, event, now).await
}

/// Stops an app. Its data is kept until the undo window is over. Repeating it changes nothing.
pub async fn delete(state: &AppState, caller: &Caller, app: &App) -> Result<App, ApiError> {
    let now = state.clock.now();
    let purge_after = now + state.config.apps.undo_window();
    let mut tx = state.pool.begin().await?;
    let app = lock(&mut tx, caller, app.id).await?;
    if !apps::delete(&mut *tx, app.id, now, purge_after).await? {
        return Ok(app);
    }
    let mut event = about("app.delete", &app);
    event.before = Some(json!({ "name": app.name }));
    event.after = Some(json!({ "purge_after": purge_after }));
    finish(state, tx, caller, app.id, event, now).await
}

/// Takes a deletion back while the undo window is open.
pub async fn undelete(state: &AppState, caller: &Caller, app: &App) -> Result<App, ApiError> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let app = lock(&mut tx, caller, app.id).await?;
    if app.deleted_at.is_none() {
        return Err(ApiError::AppNotDeleted);
    }
    let limit = state.config.limits.apps_per_organization;
    if apps::count_live(&mut tx, app.organization_id).await? >= i64::from(limit) {
        return Err(ApiError::AppLimitReached(limit));
    }
    if !apps::undelete(&mut *tx, app.id, now).await? {
        return Err(ApiError::UndoWindowOver);
    }
    let mut event = about("app.undelete", &app);
    event.before = Some(json!({ "deleted_at": app.deleted_at }));
    finish(state, tx, caller, app.id, event, now).await
}

/// An event about an app.
pub fn about(action: &'static str, app: &App) -> Event {
    let (organization_id, app_id) = (Some(app.organization_id), Some(app.id));
    Event {
        action,
        organization_id,
        app_id,
        ..Event::default()
    }
}

/// Writes the event, commits, and has the region look.
pub(super) async fn finish(
    state: &AppState,
    mut tx: sqlx::Transaction<'_, sqlx::Postgres>,
    caller: &Caller,
    id: AppId,
    event: Event,
    now: DateTime<Utc>,
) -> Result<App, ApiError> {
    audit::by_caller(&mut tx, &*state.ids, caller, now, event).await?;
    let app = load(&mut tx, caller, id).await?;
    tx.commit().await?;
    state.wake.now();
    Ok(app)
}

/// The app as it is now, which nobody else changes before the transaction ends: the caller's own row is older.
pub(super) async fn lock(tx: &mut PgConnection, caller: &Caller, id: AppId) -> Result<App, ApiError> {
    let found = apps::find_to_change(tx, caller.account.id, id).await?;
    found.ok_or(ApiError::NotFound("app"))
}

/// The app as it is within the transaction.
pub(super) async fn load(tx: &mut PgConnection, caller: &Caller, id: AppId) -> Result<App, ApiError> {
    let found = apps::find(tx, caller.account.id, id).await?;
    found.map(|(app, _)| app).ok_or(ApiError::NotFound("app"))
}
