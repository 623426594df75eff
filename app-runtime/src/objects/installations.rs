//! Saving installations: whatever a device sends, it has one row (reference section 6.8).
//!
//! The decision which row is meant is pure ([`decide`]); [`save`] looks the rows up, cleans up and writes. Every value
//! that rows are looked up by is text, checked before anything else (CVE-2026-100631).

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
use crate::storage::{InstallationRow, Removal, Rivals};

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

/// What a device says about itself.
#[derive(Debug, Clone, Default, PartialEq)]
struct Device {
    /// Object id of the row to change, if the request names one.
    row: Option<String>,
    installation_id: Option<String>,
    /// The same, or else the one the request came with.
    any_installation_id: Option<String>,
    token: Option<String>,
    kind: Option<String>,
    app_identifier: Option<String>,
}

/// Which row is meant, and which are in its way.
#[derive(Debug, PartialEq)]
enum Decision {
    Create,
    /// Create, and the token's other rows give way.
    CreateAlone,
    Update(String),
    /// Update, and the token's other rows give way to that of the installation id.
    UpdateAlone(String),
    /// Two rows are one device; one takes the other's place.
    Merge {
        by_id: String,
        by_token: String,
    },
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

impl Device {
    /// Whether other rows may stand for this device.
    fn is_identified(&self) -> bool {
        let critical = [&self.token, &self.any_installation_id, &self.kind];
        self.row.is_none() || critical.into_iter().any(Option::is_some)
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

fn decide(device: &Device, rows: &[InstallationRow]) -> ParseResult<Decision> {
    let named = device
        .row
        .as_ref()
        .map(|id| rows.iter().find(|row| row.id == *id).ok_or_else(not_there))
        .transpose()?;
    if let Some(row) = named {
        check_fixed(device, row)?;
    }
    let same_installation = device
        .any_installation_id
        .as_ref()
        .and_then(|id| rows.iter().find(|row| row.installation_id.as_ref() == Some(id)));
    let with_token: Vec<&InstallationRow> = rows
        .iter()
        .filter(|row| device.token.is_some() && row.device_token == device.token)
        .collect();
    let Some(match_by_id) = same_installation.or(named) else {
        if device.row.is_none() && device.kind.is_none() {
            return Err(ParseError::new(
                code::MISSING_REQUIRED_FIELD,
                "deviceType must be specified in this operation",
            ));
        }
        return decide_by_token(device, &with_token);
    };
    if let [only] = with_token.as_slice()
        && only.installation_id.is_none()
    {
        return Ok(if only.id == match_by_id.id {
            Decision::Update(only.id.clone())
        } else {
            Decision::Merge {
                by_id: match_by_id.id.clone(),
                by_token: only.id.clone(),
            }
        });
    }
    let takes_token = device.token.is_some() && match_by_id.device_token != device.token;
    Ok(match takes_token && device.installation_id.is_some() {
        true => Decision::UpdateAlone(match_by_id.id.clone()),
        false => Decision::Update(match_by_id.id.clone()),
    })
}

/// No row is known by an id; perhaps one is by the token.
fn decide_by_token(device: &Device, with_token: &[&InstallationRow]) -> ParseResult<Decision> {
    match with_token {
        [] => Ok(Decision::Create),
        [only] if only.installation_id.is_none() || device.any_installation_id.is_none() => {
            Ok(Decision::Update(only.id.clone()))
        }
        _ if device.installation_id.is_none() => Err(ParseError::new(
            code::AMBIGUOUS_DEVICE_TOKEN,
            "Must specify installationId when deviceToken matches multiple Installation objects",
        )),
        _ => Ok(Decision::CreateAlone),
    }
}

/// What a row says about its device stays.
fn check_fixed(device: &Device, row: &InstallationRow) -> ParseResult<()> {
    let differs = |new: &Option<String>, old: &Option<String>| new.is_some() && old.is_some() && new != old;
    let no_installation = device.installation_id.is_none() && row.installation_id.is_none();
    let changed = if differs(&device.installation_id, &row.installation_id) {
        "installationId"
    } else if no_installation && differs(&device.token, &row.device_token) {
        "deviceToken"
    } else if device.kind.is_some() && device.kind != row.device_type {
        "deviceType"
    } else {
        return Ok(());
    };
    Err(ParseError::new(
        code::FIELD_CANNOT_CHANGE,
        format!("{changed} may not be changed in this operation"),
    ))
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

fn not_there() -> ParseError {
    ParseError::new(code::OBJECT_NOT_FOUND, "Object not found for update.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn row(id: &str, installation: Option<&str>, token: Option<&str>) -> InstallationRow {
        InstallationRow {
            id: id.into(),
            installation_id: installation.map(str::to_owned),
            device_token: token.map(str::to_owned),
            device_type: Some("ios".into()),
        }
    }

    fn device(installation: Option<&str>, token: Option<&str>) -> Device {
        Device {
            installation_id: installation.map(str::to_owned),
            any_installation_id: installation.map(str::to_owned),
            token: token.map(str::to_owned),
            kind: Some("ios".into()),
            ..Device::default()
        }
    }

    #[test]
    fn every_constellation_leads_to_one_row() {
        let update = |id: &str| Decision::Update(id.into());
        for (device, rows, expected) in [
            (device(Some("i"), Some("t")), vec![], Decision::Create),
            (
                device(Some("i"), None),
                vec![row("a", Some("i"), None)],
                update("a"),
            ),
            (
                device(Some("i"), Some("t")),
                vec![row("a", None, Some("t"))],
                update("a"),
            ),
            (
                device(None, Some("t")),
                vec![row("a", Some("j"), Some("t"))],
                update("a"),
            ),
            (
                device(Some("i"), Some("t")),
                vec![row("a", Some("j"), Some("t"))],
                Decision::CreateAlone,
            ),
            (
                device(Some("i"), Some("t")),
                vec![row("a", Some("i"), None), row("b", None, Some("t"))],
                Decision::Merge {
                    by_id: "a".into(),
                    by_token: "b".into(),
                },
            ),
            (
                device(Some("i"), Some("t")),
                vec![row("a", Some("i"), Some("old")), row("b", Some("j"), Some("t"))],
                Decision::UpdateAlone("a".into()),
            ),
        ] {
            assert_eq!(decide(&device, &rows).unwrap(), expected, "{device:?}");
        }
        let two = [row("a", Some("j"), Some("t")), row("b", None, Some("t"))];
        assert_eq!(
            decide(&device(None, Some("t")), &two).unwrap_err().code,
            Some(132)
        );
        let untyped = Device {
            kind: None,
            ..device(Some("i"), None)
        };
        assert_eq!(decide(&untyped, &[]).unwrap_err().code, Some(135));
    }
}
