//! Which row a device means, and which rows are in its way.

use crate::protocol::error::{ParseError, ParseResult, code};
use crate::storage::InstallationRow;

/// What a device says about itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Device {
    /// Object id of the row to change, if the request names one.
    pub row: Option<String>,
    pub installation_id: Option<String>,
    /// The same, or else the one the request came with.
    pub any_installation_id: Option<String>,
    pub token: Option<String>,
    pub kind: Option<String>,
    pub app_identifier: Option<String>,
}

/// Which row is meant, and which are in its way.
#[derive(Debug, PartialEq)]
pub enum Decision {
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

impl Device {
    /// Whether other rows may stand for this device.
    pub fn is_identified(&self) -> bool {
        let critical = [&self.token, &self.any_installation_id, &self.kind];
        self.row.is_none() || critical.into_iter().any(Option::is_some)
    }
}

/// Which of `rows`, all that may be the same device, is meant; the refusals are Parse Server's.
pub fn decide(device: &Device, rows: &[InstallationRow]) -> ParseResult<Decision> {
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
