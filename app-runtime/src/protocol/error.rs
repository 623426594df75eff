//! The one table of Parse's numeric error codes, and the error every layer of the runtime returns.
//!
//! An error becomes `{"code": <int>, "error": "<message>"}`. Its HTTP status follows from the code: 1 is 500,
//! 101 is 404, all others are 400. The few answers that Parse gives without a code (403 `unauthorized`, 413)
//! carry their status themselves.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// Numeric codes of the Parse protocol, as the SDKs know them (`Parse.Error.*`).
pub mod code {
    pub const OTHER_CAUSE: i32 = -1;
    pub const INTERNAL_SERVER_ERROR: i32 = 1;
    pub const CONNECTION_FAILED: i32 = 100;
    pub const OBJECT_NOT_FOUND: i32 = 101;
    pub const INVALID_QUERY: i32 = 102;
    pub const INVALID_CLASS_NAME: i32 = 103;
    pub const MISSING_OBJECT_ID: i32 = 104;
    pub const INVALID_KEY_NAME: i32 = 105;
    pub const INVALID_JSON: i32 = 107;
    pub const COMMAND_UNAVAILABLE: i32 = 108;
    pub const INCORRECT_TYPE: i32 = 111;
    pub const OPERATION_FORBIDDEN: i32 = 119;
    pub const INVALID_NESTED_KEY: i32 = 121;
    pub const INVALID_ACL: i32 = 123;
    pub const TIMEOUT: i32 = 124;
    pub const INVALID_EMAIL_ADDRESS: i32 = 125;
    /// A device token that several installations have.
    pub const AMBIGUOUS_DEVICE_TOKEN: i32 = 132;
    pub const MISSING_REQUIRED_FIELD: i32 = 135;
    pub const FIELD_CANNOT_CHANGE: i32 = 136;
    pub const DUPLICATE_VALUE: i32 = 137;
    pub const SCRIPT_FAILED: i32 = 141;
    pub const VALIDATION_ERROR: i32 = 142;
    pub const DUPLICATE_REQUEST: i32 = 159;
    pub const INVALID_VALUE: i32 = 162;
    pub const USERNAME_MISSING: i32 = 200;
    pub const PASSWORD_MISSING: i32 = 201;
    pub const USERNAME_TAKEN: i32 = 202;
    pub const EMAIL_TAKEN: i32 = 203;
    pub const EMAIL_MISSING: i32 = 204;
    pub const EMAIL_NOT_FOUND: i32 = 205;
    pub const SESSION_MISSING: i32 = 206;
    pub const ACCOUNT_ALREADY_LINKED: i32 = 208;
    pub const INVALID_SESSION_TOKEN: i32 = 209;
    pub const UNSUPPORTED_SERVICE: i32 = 252;
    pub const INVALID_SCHEMA_OPERATION: i32 = 255;
}

/// What went wrong, in the words and with the number a Parse SDK expects.
#[derive(Debug, Clone, PartialEq)]
pub struct ParseError {
    /// One of [`code`]; `None` where Parse answers without a code.
    pub code: Option<i32>,
    /// The sentence for the caller.
    pub message: String,
    /// HTTP status where it does not follow from the code.
    status: Option<u16>,
    /// A permission was missing: with `enableSanitizedErrorResponse` the caller reads only "Permission denied".
    permission: bool,
    /// Before that it is of no use to ask again.
    retry_after: Option<Duration>,
}

/// Result of everything that can fail in the protocol's terms.
pub type ParseResult<T> = Result<T, ParseError>;

impl ParseError {
    /// An error with one of the codes of [`code`].
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            message: message.into(),
            status: None,
            permission: false,
            retry_after: None,
        }
    }

    /// A refusal for lack of permission, whose detail `enableSanitizedErrorResponse` hides.
    pub fn denied(code: i32, detail: impl Into<String>) -> Self {
        Self {
            permission: true,
            ..Self::new(code, detail)
        }
    }

    /// An answer without a Parse code, such as 413.
    pub fn http(status: u16, message: impl Into<String>) -> Self {
        Self {
            code: None,
            message: message.into(),
            status: Some(status),
            permission: false,
            retry_after: None,
        }
    }

    /// 429 with code 100: a rate limit is exceeded, for so long.
    pub fn too_many_requests(message: impl Into<String>, wait: Duration) -> Self {
        Self {
            status: Some(429),
            retry_after: Some(wait),
            ..Self::new(code::CONNECTION_FAILED, message)
        }
    }

    /// 403 `{"error":"unauthorized"}`: no such app, or no matching key.
    pub fn unauthorized() -> Self {
        Self::http(403, "unauthorized")
    }

    /// 403: the route needs the master key.
    pub fn master_key_required() -> Self {
        Self {
            permission: true,
            ..Self::http(403, "unauthorized: master key is required")
        }
    }

    /// 101 `Object not found.`
    pub fn not_found() -> Self {
        Self::new(code::OBJECT_NOT_FOUND, "Object not found.")
    }

    /// 209 `Invalid session token`.
    pub fn invalid_session() -> Self {
        Self::new(code::INVALID_SESSION_TOKEN, "Invalid session token")
    }

    /// The same of a session that is asked about itself: an unknown one was not found.
    pub fn session_not_found(self) -> Self {
        if self == Self::invalid_session() {
            Self::new(code::INVALID_SESSION_TOKEN, "Session token not found.")
        } else {
            self
        }
    }

    /// 105 `Invalid field name: x.`
    pub fn invalid_field_name(name: &str) -> Self {
        Self::new(code::INVALID_KEY_NAME, format!("Invalid field name: {name}."))
    }

    /// 111: an object of a system class without a column that it must have.
    pub fn column_required(column: &str) -> Self {
        Self::new(code::INCORRECT_TYPE, format!("{column} is required."))
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match (self.status, self.code) {
            (Some(status), _) => status,
            (None, Some(code::INTERNAL_SERVER_ERROR)) => 500,
            (None, Some(code::OBJECT_NOT_FOUND)) => 404,
            _ => 400,
        }
    }

    /// The whole seconds of `Retry-After`, where the answer has one.
    pub fn retry_after(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// The JSON body; `sanitize` replaces what a refusal would tell about permissions.
    pub fn body(&self, sanitize: bool) -> Value {
        let message = if sanitize && self.permission {
            "Permission denied"
        } else {
            self.message.as_str()
        };
        match self.code {
            Some(code) => json!({ "code": code, "error": message }),
            None => json!({ "error": message }),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} ({code})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_follows_from_the_code() {
        assert_eq!(ParseError::new(code::INTERNAL_SERVER_ERROR, "x").status(), 500);
        assert_eq!(ParseError::not_found().status(), 404);
        assert_eq!(ParseError::invalid_session().status(), 400);
        assert_eq!(ParseError::unauthorized().status(), 403);
    }

    #[test]
    fn a_refusal_hides_its_reason_only_when_sanitised() {
        let error = ParseError::denied(
            code::OPERATION_FORBIDDEN,
            "Permission denied for action find on class Diary.",
        );
        assert_eq!(
            error.body(true),
            json!({"code": 119, "error": "Permission denied"})
        );
        assert_eq!(
            error.body(false)["error"],
            "Permission denied for action find on class Diary."
        );
    }

    #[test]
    fn unauthorized_has_no_code() {
        assert_eq!(
            ParseError::unauthorized().body(true),
            json!({"error": "unauthorized"})
        );
    }
}
