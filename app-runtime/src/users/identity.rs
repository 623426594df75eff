//! Identities at providers (`authData`). Known so far: `anonymous`, a device's own random id.

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::protocol::error::{ParseError, ParseResult, code};

/// One checked entry of `authData`.
#[derive(Debug, Clone, PartialEq)]
pub enum Identity {
    /// The user can be found by this id at this provider.
    Link {
        provider: String,
        id: String,
        data: Value,
    },
    /// The user gives the provider up.
    Unlink { provider: String },
}

impl Identity {
    /// Column of `_User` that holds the provider's data.
    pub fn column(&self) -> String {
        match self {
            Self::Link { provider, .. } | Self::Unlink { provider } => format!("_auth_data_{provider}"),
        }
    }

    /// What that column holds; null removes it.
    pub fn stored(&self) -> Value {
        match self {
            Self::Link { data, .. } => data.clone(),
            Self::Unlink { .. } => Value::Null,
        }
    }
}

/// Checks every entry before anything is looked up: unknown providers must not cost a query (CVE-2026-33538), and an id
/// is text, never an operator (CVE-2026-32248).
pub fn decode(app: &AppState, auth_data: &Value) -> ParseResult<Vec<Identity>> {
    let entries = auth_data.as_object().ok_or_else(unsupported)?;
    entries
        .iter()
        .map(|(provider, data)| entry(app, provider, data))
        .collect()
}

fn entry(app: &AppState, provider: &str, data: &Value) -> ParseResult<Identity> {
    if provider != "anonymous" || (!app.settings.enable_anonymous_users && !data.is_null()) {
        return Err(unsupported());
    }
    match data {
        Value::Null => Ok(Identity::Unlink {
            provider: provider.into(),
        }),
        Value::Object(fields) => Ok(Identity::Link {
            provider: provider.into(),
            id: id_of(fields)?,
            data: data.clone(),
        }),
        _ => Err(unsupported()),
    }
}

fn id_of(fields: &Map<String, Value>) -> ParseResult<String> {
    match fields.get("id") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= 512 => Ok(id.clone()),
        _ => Err(ParseError::new(
            code::INVALID_VALUE,
            "The id of authData must be a string.",
        )),
    }
}

fn unsupported() -> ParseError {
    ParseError::new(
        code::UNSUPPORTED_SERVICE,
        "This authentication method is unsupported.",
    )
}
