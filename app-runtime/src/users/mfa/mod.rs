//! The `mfa` entry of `authData`: one-time passwords as a second factor, as Parse Server's TOTP adapter has them.
//!
//! A code and a recovery code count once, also for two requests at the same moment (CVE-2026-31875, -33624, -34224,
//! -43930): the statement that takes one decides. Secrets and recovery codes never leave again, except to the master
//! key (CVE-2026-33627, -34215); `storage::decode` shows `{"status": "enabled"}` in their place.

pub mod totp;

use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::MfaSettings;
use crate::storage::{LoginRow, SecondFactor};

/// The provider's name in `authData`.
pub const PROVIDER: &str = "mfa";
/// Column of `_User`.
pub const COLUMN: &str = "_auth_data_mfa";

const MIN_SECRET: usize = 20;
const MAX_SECRET: usize = 512;
const MAX_CODE: usize = 128;
const RECOVERY_CODES: usize = 2;

/// A checked claim to the second factor that has not been used up yet.
#[derive(Debug)]
pub enum Proof {
    /// The user has no second factor, or the app none.
    NotNeeded,
    /// A code of this time step.
    Code {
        secret: String,
        step: i64,
    },
    Recovery(String),
    /// The user takes up a second factor while signing in.
    SetUp(SetUp),
}

/// A second factor to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SetUp {
    secret: String,
    recovery: Vec<String>,
}

impl SetUp {
    /// What the column holds.
    pub fn stored(&self) -> Value {
        json!({ "secret": self.secret, "recovery": self.recovery })
    }

    /// `authDataResponse.mfa`: the only time that the recovery codes are shown.
    pub fn response(&self) -> Value {
        json!({ "recovery": self.recovery.join(", ") })
    }
}

/// `authDataResponse` of a write that confirmed an identity or gave one up, with what the second factor has to say.
pub fn auth_data_response(second_factor: Option<Value>) -> Value {
    match second_factor {
        Some(response) => json!({ PROVIDER: response }),
        None => json!({}),
    }
}

/// Checks what comes with a log-in. Nothing is used up before [`Proof::redeem`].
pub fn check_login(app: &AppState, row: &LoginRow, entry: Option<&Value>) -> ParseResult<Proof> {
    let Some(settings) = &app.settings.mfa else {
        return Ok(Proof::NotNeeded);
    };
    let entry = entry.and_then(Value::as_object);
    match (&row.second_factor, entry) {
        (None, None) => Ok(Proof::NotNeeded),
        (None, Some(entry)) => Ok(Proof::SetUp(set_up(app, settings, entry)?)),
        (Some(_), None) => Err(ParseError::new(
            code::OTHER_CAUSE,
            "Missing additional authData mfa",
        )),
        (Some(factor), Some(entry)) => check_token(app, settings, factor, entry.get("token")),
    }
}

fn check_token(
    app: &AppState,
    settings: &MfaSettings,
    factor: &SecondFactor,
    token: Option<&Value>,
) -> ParseResult<Proof> {
    let wrong = || invalid("Invalid MFA token");
    let token = token
        .and_then(Value::as_str)
        .filter(|token| token.len() <= MAX_CODE)
        .ok_or_else(wrong)?;
    let same = |code: &&String| bool::from(code.as_bytes().ct_eq(token.as_bytes()));
    if let Some(code) = factor.recovery.iter().find(same) {
        return Ok(Proof::Recovery(code.clone()));
    }
    let secret = totp::decode_base32(&factor.secret).ok_or_else(wrong)?;
    let step = totp::step_of(settings, &secret, token, app.now()).ok_or_else(wrong)?;
    Ok(Proof::Code {
        secret: factor.secret.clone(),
        step,
    })
}

impl Proof {
    /// Uses it up; an error if somebody else was faster. Returns what `authDataResponse.mfa` says.
    pub async fn redeem(self, app: &AppState, user: &str) -> ParseResult<Option<Value>> {
        let (taken, response) = match self {
            Self::NotNeeded => return Ok(None),
            Self::Code { secret, step } => (app.storage.take_time_step(user, &secret, step).await?, None),
            Self::Recovery(code) => (app.storage.take_recovery_code(user, &code).await?, None),
            Self::SetUp(new) => {
                let response = new.response();
                let added = app
                    .storage
                    .add_second_factor(user, &new.secret, &new.recovery)
                    .await?;
                (added, Some(response))
            }
        };
        if taken {
            Ok(response)
        } else {
            Err(invalid("Invalid MFA token"))
        }
    }
}

/// A second factor for a user who signs up.
pub fn sign_up(app: &AppState, entry: &Value) -> ParseResult<Option<SetUp>> {
    match (&app.settings.mfa, entry.as_object()) {
        (Some(settings), Some(entry)) => set_up(app, settings, entry).map(Some),
        _ => Ok(None),
    }
}

/// Changes the second factor of an existing user: null gives it up, the master key writes as it likes, and who has one
/// must prove it (`old`). Adds the column to `internal`; returns what `authDataResponse.mfa` says.
pub async fn change(
    app: &AppState,
    caller: &Caller,
    user: &str,
    entry: &Value,
    internal: &mut Map<String, Value>,
) -> ParseResult<Option<Value>> {
    let (Some(settings), Some(fields)) = (&app.settings.mfa, entry.as_object()) else {
        internal.insert(COLUMN.into(), Value::Null);
        return Ok(None);
    };
    let row = app
        .storage
        .login_row(user)
        .await?
        .ok_or_else(ParseError::not_found)?;
    let Some(factor) = &row.second_factor else {
        let new = set_up(app, settings, fields)?;
        internal.insert(COLUMN.into(), new.stored());
        return Ok(Some(new.response()));
    };
    if caller.writes_all() {
        return raw(fields, internal).map(|()| None);
    }
    let proof = check_token(app, settings, factor, fields.get("old"))?;
    let new = set_up(app, settings, fields)?;
    proof.redeem(app, user).await?;
    internal.insert(COLUMN.into(), new.stored());
    Ok(Some(new.response()))
}

/// Hides the second factor of a user in an answer that goes on to a device.
pub fn conceal(user: &mut Value) {
    if let Some(entry) = user.get_mut("authData").and_then(|all| all.get_mut(PROVIDER)) {
        *entry = json!({ "status": "enabled" });
    }
}

/// What the master key writes over a second factor; it must still be one.
fn raw(fields: &Map<String, Value>, internal: &mut Map<String, Value>) -> ParseResult<()> {
    let recovery = fields.get("recovery").and_then(Value::as_array);
    let texts = |codes: &Vec<Value>| codes.iter().all(Value::is_string);
    if !fields.get("secret").is_some_and(Value::is_string) || !recovery.is_none_or(texts) {
        return Err(invalid("Invalid MFA data"));
    }
    internal.insert(COLUMN.into(), Value::Object(fields.clone()));
    Ok(())
}

fn set_up(app: &AppState, settings: &MfaSettings, fields: &Map<String, Value>) -> ParseResult<SetUp> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (Some(secret), Some(token)) = (text("secret"), text("token")) else {
        return Err(invalid("Invalid MFA data"));
    };
    if !(MIN_SECRET..=MAX_SECRET).contains(&secret.len()) {
        return Err(invalid("Invalid MFA data"));
    }
    let key = totp::decode_base32(secret).ok_or_else(|| invalid("Invalid MFA data"))?;
    totp::step_of(settings, &key, token, app.now()).ok_or_else(|| invalid("Invalid MFA token"))?;
    Ok(SetUp {
        secret: secret.to_owned(),
        recovery: (0..RECOVERY_CODES).map(|_| app.random(30)).collect(),
    })
}

fn invalid(message: &str) -> ParseError {
    ParseError::new(code::SCRIPT_FAILED, message)
}
