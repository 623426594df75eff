//! The settings of an app as its owner sees and changes them: Parse Server's options by their names.
//!
//! Which options are the owner's, what they must be like and which of their values are secrets says the crate
//! `runtime_settings`, by whose rules the runtime starts. Secrets are sealed at rest and masked wherever they are shown.

mod merge;

use runtime_settings::{
    SettingsError,
    owner::{self, Secrets, Unknown},
};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::{apps::about, audit};
use crate::{
    auth::{Caller, CanAdminister, Role, permit},
    crypto::{Sealed, Sealer},
    error::{ApiError, Fields},
    regions::runtime_settings::owner_defaults,
    state::AppState,
    store::{
        app_secrets::{self, SecretKind},
        app_settings::{self, StoredSettings},
        apps::App,
    },
};
use merge::merge_patch;

/// Bytes that everything an owner sets may take.
const LARGEST: usize = 128 * 1024;

/// The settings of an app, secrets open: never to be shown as they are.
pub struct AppSettings {
    /// Grows with every change.
    pub version: i64,
    /// `building` or `live`.
    pub stage: String,
    /// What the owner set.
    pub options: Map<String, Value>,
    /// What another release stored: neither shown nor checked, and saved as it was.
    unknown: Unknown,
}

impl AppSettings {
    /// What holds where the owner set nothing and the platform has a default of its own.
    pub fn platform_defaults(&self) -> Map<String, Value> {
        owner_defaults(&self.stage)
    }

    /// What the owner set, stage included, as it may be shown.
    pub fn masked(&self) -> Map<String, Value> {
        let mut shown = owner::mask(&self.options);
        shown.insert("stage".to_owned(), json!(self.stage));
        shown
    }
}

/// The settings of an app.
pub async fn show(state: &AppState, app: &App) -> Result<AppSettings, ApiError> {
    let stored = app_settings::find(&state.pool, app.id).await?;
    let stored = stored.ok_or(ApiError::NotFound("app"))?;
    let sealed = app_secrets::find(&state.pool, app.id, SecretKind::Settings).await?;
    open(&state.sealer, app, stored, sealed.as_ref())
}

/// Changes what the patch names (RFC 7396): null brings an option's default back. Repeating it changes nothing.
/// `version`: what the caller saw; another one is refused.
pub async fn change(
    state: &AppState,
    (caller, role): (&Caller, Role),
    app: &App,
    patch: Map<String, Value>,
    version: Option<i64>,
) -> Result<AppSettings, ApiError> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let present = load(state, &mut tx, app).await?;
    if version.is_some_and(|version| version != present.version) {
        return Err(ApiError::SettingsChanged);
    }
    let next = changed(app, &present, patch)?;
    let (before, after) = difference(&present.masked(), &next.masked());
    // A changed secret looks like the one before.
    if next.stage == present.stage && next.options == present.options {
        return Ok(present);
    }
    if present.options.get("masterKeyIps") != next.options.get("masterKeyIps") {
        permit::<CanAdminister>(role)?;
    }
    store(state, &mut tx, app, &next).await?;
    let mut event = about("settings.change", app);
    (event.before, event.after) = (Some(before.into()), Some(after.into()));
    audit::by_caller(&mut tx, &*state.ids, caller, now, event).await?;
    tx.commit().await?;
    state.wake.now();
    Ok(next)
}

async fn load(state: &AppState, tx: &mut PgConnection, app: &App) -> Result<AppSettings, ApiError> {
    let stored = app_settings::find_to_change(&mut *tx, app.id).await?;
    let stored = stored.ok_or(ApiError::AppDeleted)?;
    let sealed = app_secrets::find(&mut *tx, app.id, SecretKind::Settings).await?;
    open(&state.sealer, app, stored, sealed.as_ref())
}

fn open(
    sealer: &Sealer,
    app: &App,
    stored: StoredSettings,
    sealed: Option<&Sealed>,
) -> Result<AppSettings, ApiError> {
    let StoredSettings {
        version,
        stage,
        mut options,
    } = stored;
    let secrets = match sealed {
        Some(sealed) => app_secrets::open_settings(sealer, app.id, sealed)?,
        None => Secrets::new(),
    };
    owner::put_back(&mut options, &secrets);
    let unknown = owner::set_aside(&mut options, secrets);
    Ok(AppSettings {
        version,
        stage,
        options,
        unknown,
    })
}

async fn store(
    state: &AppState,
    tx: &mut PgConnection,
    app: &App,
    next: &AppSettings,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    let mut options = next.options.clone();
    let mut secrets = owner::take_out(&mut options);
    next.unknown.rejoin(&mut options, &mut secrets);
    let sealed = app_secrets::seal_settings(&state.sealer, app.id, &secrets)?;
    app_secrets::put(&mut *tx, app.id, SecretKind::Settings, &sealed, now).await?;
    let stored = StoredSettings {
        version: next.version,
        stage: next.stage.clone(),
        options,
    };
    Ok(app_settings::save(tx, app.id, &stored, now).await?)
}

/// The settings after the patch, if they are good.
fn changed(app: &App, present: &AppSettings, patch: Map<String, Value>) -> Result<AppSettings, ApiError> {
    let named: Vec<String> = patch.keys().cloned().collect();
    let mut options = merge_patch(&present.options, patch);
    // A misspelt name is told also where it would be reset.
    let foreign = named.iter().filter(|name| owner::find(name).is_none());
    for name in foreign {
        options.entry(name).or_insert(Value::Null);
    }
    owner::unmask(&mut options, &present.options).map_err(|option| {
        ApiError::field(
            option,
            "holds a mask in place of a secret. Write the secret again.",
        )
    })?;
    let stage = match options.remove("stage") {
        None if named.iter().any(|name| name == "stage") => "building".to_owned(),
        None => present.stage.clone(),
        Some(Value::String(stage)) if stage == "building" || stage == "live" => stage,
        Some(_) => return Err(ApiError::field("stage", "must be building or live.")),
    };
    let next = AppSettings {
        version: present.version + 1,
        stage,
        options,
        unknown: present.unknown.clone(),
    };
    check(app, &next, named.first())?;
    Ok(next)
}

fn check(app: &App, next: &AppSettings, named: Option<&String>) -> Result<(), ApiError> {
    let text = Value::Object(next.options.clone()).to_string();
    let blame = |problem: &str| ApiError::field(named.cloned().unwrap_or_default(), problem);
    if text.len() > LARGEST {
        return Err(blame("makes the settings larger than 128 KiB. Shorten it."));
    }
    // PostgreSQL stores no such character.
    if text.contains("\\u0000") {
        return Err(blame("holds the character U+0000. Remove it."));
    }
    owner::check(&platform(app, next), &next.options).map_err(invalid)
}

/// What the rules need to know of the app beside what its owner sets; the region knows the addresses and keys.
fn platform(app: &App, next: &AppSettings) -> Map<String, Value> {
    let mut platform = next.platform_defaults();
    for (name, value) in [
        ("appId", app.application_id.as_str()),
        ("appName", app.name.as_str()),
        ("masterKey", "checked by the region"),
        ("publicServerURL", "https://app.invalid/parse"),
    ] {
        platform.insert(name.to_owned(), value.into());
    }
    platform
}

fn invalid(error: SettingsError) -> ApiError {
    let mut fields = Fields::new();
    for problem in error.0 {
        let name = problem.option().unwrap_or("settings").to_owned();
        let reason = format!("{}.", problem.reason().trim_end_matches('.'));
        fields
            .entry(name)
            .and_modify(|text| *text = format!("{text} It {reason}"))
            .or_insert(reason);
    }
    ApiError::InvalidInput(fields)
}

/// What is different, before and after; an option that is not set is left out.
fn difference(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let only_in = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let different = one
            .iter()
            .filter(|(name, value)| other.get(*name) != Some(*value));
        different
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    (only_in(before, after), only_in(after, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_names_what_changed_came_and_went() {
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        let (before, after) = difference(
            &object(json!({"a": 1, "b": 1, "c": 1})),
            &object(json!({"a": 1, "b": 2, "d": 1})),
        );
        assert_eq!(before, object(json!({"b": 1, "c": 1})));
        assert_eq!(after, object(json!({"b": 2, "d": 1})));
    }
}
