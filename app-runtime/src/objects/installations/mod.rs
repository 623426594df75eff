//! Saving installations: whatever a device sends, it has one row (reference section 6.8).
//!
//! The decision which row is meant is pure ([`decide()`]); [`save`] looks the rows up, cleans up and writes. Every value
//! that rows are looked up by is text, checked before anything else (CVE-2026-100631).

mod decide;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::objects::access::{self, Scope};
use crate::objects::caller::Caller;
use crate::objects::create::{self, Created};
use crate::objects::draft::{self, Draft};
use crate::objects::schema::Operation;
use crate::objects::update;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::types;
use crate::query::Filter;
use crate::settings::{DuplicateAction, MergePriority};
use crate::storage::{Removal, Rivals};
use decide::{Decision, Device, decide};

const CLASS: &str = "_Installation";

/// Length of Apple's device tokens, which are kept in small letters.
const APPLE_TOKEN: usize = 64;

/// How a save ended.
#[derive(Debug)]
pub enum Saved {
    /// A new row (201).
    New(Created),
    /// A row that was there has been changed (200).
    Known(Map<String, Value>),
}

/// Creates an installation, or changes the row of the same device; with `row`, changes that row.
pub async fn save(
    app: &AppState,
    caller: &Caller,
    row: Option<&str>,
    mut body: Fields,
) -> ParseResult<Saved> {
    let operation = if row.is_some() {
        Operation::Update
    } else {
        Operation::Create
    };
    access::check_fixed_rules(caller, CLASS, operation)?;
    let custom_id = if row.is_none() {
        draft::take_custom_id(app, &mut body)?
    } else {
        None
    };
    draft::drop_server_fields(CLASS, &mut body, row.is_none())?;
    let device = read(caller, row, &mut body)?;
    let draft = Draft::decode(app, body)?;
    let decision = if device.is_identified() {
        let rows = app
            .storage
            .installations_like(
                device.row.as_deref(),
                device.any_installation_id.as_deref(),
                device.token.as_deref(),
            )
            .await?;
        decide(&device, &rows)?
    } else {
        device.row.clone().map_or(Decision::Create, Decision::Update)
    };
    match make_room(app, caller, &device, decision).await? {
        Some(id) => {
            let filter = Filter::equals("objectId", id.as_str());
            let answer = update::apply(app, caller, CLASS, &filter, &id, draft).await?;
            Ok(Saved::Known(answer))
        }
        None => create::insert(app, caller, CLASS, custom_id, draft)
            .await
            .map(Saved::New),
    }
}

/// Reads what identifies the device and puts it into `body` in its stored spelling.
fn read(caller: &Caller, row: Option<&str>, body: &mut Fields) -> ParseResult<Device> {
    let installation_id = text(body, "installationId")?.map(|id| id.to_lowercase());
    let token = text(body, "deviceToken")?.map(|token| {
        if token.len() == APPLE_TOKEN {
            token.to_lowercase()
        } else {
            token
        }
    });
    for (name, value) in [("installationId", &installation_id), ("deviceToken", &token)] {
        if let Some(value) = value {
            body.insert(name.into(), value.as_str().into());
        }
    }
    let sent_along = || {
        let id = caller.installation_id.as_ref().filter(|_| !caller.reads_all())?;
        Some(id.to_lowercase()).filter(|id| !id.is_empty())
    };
    let device = Device {
        row: row.map(str::to_owned),
        any_installation_id: installation_id.clone().or_else(sent_along),
        installation_id,
        token,
        kind: text(body, "deviceType")?,
        app_identifier: text(body, "appIdentifier")?,
    };
    if row.is_none() && device.token.is_none() && device.any_installation_id.is_none() {
        return Err(ParseError::new(
            code::MISSING_REQUIRED_FIELD,
            "at least one ID field (deviceToken, installationId) must be specified in this operation",
        ));
    }
    Ok(device)
}

/// A field that is text; nothing for one that is missing, empty or taken away.
fn text(body: &Fields, name: &str) -> ParseResult<Option<String>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(Value::Object(op)) if op.get("__op").and_then(Value::as_str) == Some("Delete") => Ok(None),
        Some(other) => {
            let given = types::infer(other)
                .ok()
                .flatten()
                .map_or_else(|| "Object".to_owned(), |kind| kind.to_string());
            let message = format!("schema mismatch for {CLASS}.{name}; expected String but got {given}");
            Err(ParseError::new(code::INCORRECT_TYPE, message))
        }
    }
}

/// Carries out what precedes the write; returns the row to change, `None` for a new one.
async fn make_room(
    app: &AppState,
    caller: &Caller,
    device: &Device,
    decision: Decision,
) -> ParseResult<Option<String>> {
    let rules = app.settings.installation;
    let survivor = match &decision {
        Decision::Create => return Ok(None),
        Decision::Update(id) => return Ok(Some(id.clone())),
        Decision::CreateAlone => None,
        Decision::UpdateAlone(id) => Some(id.clone()),
        Decision::Merge { by_id, by_token } => Some(match rules.merge_priority {
            MergePriority::DeviceToken => by_token.clone(),
            MergePriority::InstallationId => by_id.clone(),
        }),
    };
    let Some(group) = cleaning_group(app, caller) else {
        tracing::warn!("the caller may not remove the installations that share a device token; they stay");
        return Ok(survivor);
    };
    let group = group.as_deref();
    let removal = |field| match rules.action {
        DuplicateAction::Delete => Removal::Delete,
        DuplicateAction::Update => Removal::Clear { field, at: app.now() },
    };
    match (&decision, &device.token, &device.any_installation_id) {
        (Decision::Merge { by_id, by_token }, ..) => {
            let (loser, field) = match rules.merge_priority {
                MergePriority::DeviceToken => (by_id, "installationId"),
                MergePriority::InstallationId => (by_token, "deviceToken"),
            };
            app.storage
                .remove_installation(loser, removal(field), group)
                .await?;
        }
        (_, Some(device_token), Some(keep)) => {
            let rivals = Rivals {
                device_token,
                keep,
                app_identifier: device.app_identifier.as_deref(),
            };
            app.storage
                .remove_rivals(&rivals, removal("deviceToken"), group)
                .await?;
        }
        _ => {}
    }
    Ok(survivor)
}

/// Whose rights the clean-up has: the app's own, unless the settings bind it to the caller's. `None`: it is not allowed.
fn cleaning_group(app: &AppState, caller: &Caller) -> Option<Option<Arc<[String]>>> {
    let rules = app.settings.installation;
    if !rules.enforce_auth || caller.writes_all() {
        return Some(None);
    }
    let operation = match rules.action {
        DuplicateAction::Delete => Operation::Delete,
        DuplicateAction::Update => Operation::Update,
    };
    let schema = app.schemas.get(CLASS);
    match access::check_class(app, caller, CLASS, schema.as_deref(), operation) {
        Ok(scope) if scope == Scope::EVERYTHING => Some(access::writing_group(caller)),
        _ => None,
    }
}
