//! The one error type at the edge of the API: a stable code, a public sentence, and for the log the cause.
//!
//! Handlers return it; services and stores have their own errors and are converted here. A failure of ours
//! is logged once, here, with its chain; the caller never sees the chain.

use std::{borrow::Cow, collections::BTreeMap, error::Error as StdError, time::Duration};

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    crypto::{HashError, SealError},
    regions::SuspensionReason,
};

/// What is wrong with each field, by its name in the request.
pub type Fields = BTreeMap<String, String>;

/// An error as the caller sees it.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("The body is not valid JSON: {0}.")]
    MalformedJson(String),
    #[error("The body is larger than 64 KiB.")]
    BodyTooLarge,
    #[error("Send the body as JSON, with the header Content-Type: application/json.")]
    UnsupportedMediaType,
    #[error("Some fields are not valid: {}", field_list(.0))]
    InvalidInput(Fields),
    #[error("Sign in first, or send an API token as Authorization: Bearer slip_….")]
    NotSignedIn,
    #[error(
        "The API token is not valid: it was revoked, has expired, or is mistyped. Create another in the console."
    )]
    InvalidToken,
    #[error("The usage token is not valid, or belongs to another app.")]
    InvalidUsageToken,
    #[error("E-mail and password do not match. Check both and try again.")]
    InvalidCredentials,
    #[error(
        "The X-CSRF-Token header is missing or does not belong to this session. Load the session again and repeat the request."
    )]
    CsrfFailed,
    #[error("{0}")]
    Forbidden(Cow<'static, str>),
    #[error("The password is not right. Enter the password you sign in with.")]
    WrongPassword,
    #[error("There is no such {0}, or you have no access to it.")]
    NotFound(&'static str),
    #[error("This address does not answer {0}. See /api/v1/openapi.json for what it does.")]
    MethodNotAllowed(String),
    #[error(
        "This sign-up was not accepted. If you have an account already, log in; otherwise try another e-mail."
    )]
    SignupRejected,
    #[error("Your organization has {0} apps, which is the most it may have. Delete one first.")]
    AppLimitReached(u32),
    #[error("You have {0} API tokens, which is the most you may have. Revoke one first.")]
    TokenLimitReached(u32),
    #[error("The app is deleted. Undelete it first.")]
    AppDeleted,
    #[error("The settings have changed since you loaded them. Load them again and repeat your change.")]
    SettingsChanged,
    #[error("{}", .0.sentence())]
    AppSuspended(SuspensionReason),
    #[error("The app is not deleted, so there is nothing to take back.")]
    AppNotDeleted,
    #[error("The time to take the deletion back is over; the app's data is being removed.")]
    UndoWindowOver,
    #[error("This Idempotency-Key was used with another request. Use a new key for each different request.")]
    IdempotencyKeyReused,
    #[error("A request with this Idempotency-Key has not finished. Repeat it in a moment to get its answer.")]
    IdempotencyInProgress,
    #[error("Too many attempts. Try again in {} seconds.", .0.as_secs().max(1))]
    TooManyRequests(Duration),
    #[error("The service cannot do this at the moment. Try again in a few seconds.")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    #[error(
        "Something went wrong on our side. Try again; if it stays, tell us the X-Request-Id of this answer."
    )]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

/// The body of every error answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// Stable name of the error, for programs.
    #[schema(example = "app_limit_reached")]
    pub code: &'static str,
    /// Cause and next step, for people.
    pub message: String,
    /// Where it is explained.
    #[schema(example = "/docs/errors#app_limit_reached")]
    pub docs: String,
    /// What is wrong with each field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
}

fn field_list(fields: &Fields) -> String {
    fields
        .iter()
        .map(|(name, problem)| format!("{name} {problem}"))
        .collect::<Vec<_>>()
        .join(" ")
}

impl ApiError {
    /// One field that is not valid; `problem` continues the field's name.
    pub fn field(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::InvalidInput(Fields::from([(name.into(), problem.into())]))
    }

    /// A failure of ours.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::MalformedJson(_) => (StatusCode::BAD_REQUEST, "malformed_json"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::InvalidInput(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_input"),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "not_signed_in"),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
            Self::InvalidUsageToken => (StatusCode::UNAUTHORIZED, "invalid_usage_token"),
            Self::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid_credentials"),
            Self::CsrfFailed => (StatusCode::FORBIDDEN, "csrf_failed"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::SignupRejected => (StatusCode::CONFLICT, "signup_rejected"),
            Self::AppLimitReached(_) => (StatusCode::CONFLICT, "app_limit_reached"),
            Self::TokenLimitReached(_) => (StatusCode::CONFLICT, "token_limit_reached"),
            Self::AppDeleted => (StatusCode::CONFLICT, "app_deleted"),
            Self::AppSuspended(_) => (StatusCode::CONFLICT, "app_suspended"),
            Self::SettingsChanged => (StatusCode::PRECONDITION_FAILED, "settings_changed"),
            Self::AppNotDeleted => (StatusCode::CONFLICT, "app_not_deleted"),
            Self::UndoWindowOver => (StatusCode::CONFLICT, "undo_window_over"),
            Self::IdempotencyKeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            Self::IdempotencyInProgress => (StatusCode::CONFLICT, "idempotency_in_progress"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// When to come back, in seconds.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests(wait) => Some(wait.as_secs().max(1)),
            Self::IdempotencyInProgress => Some(1),
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }

    fn log(&self) {
        if let Some(source) = self.source() {
            tracing::error!(error.code = self.code(), error = %chain(source), "request failed");
        }
    }
}

/// An error and its causes in one line. A cause that its error has told already is not repeated.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !text.ends_with(&told) {
            text = format!("{text}: {told}");
        }
        cause = error.source();
    }
    text
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status_and_code().0
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let (status, code) = self.status_and_code();
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        let fields = match self {
            Self::InvalidInput(fields) => Some(fields.clone()),
            _ => None,
        };
        let (message, docs) = (self.to_string(), format!("/docs/errors#{code}"));
        response.json(ErrorBody {
            error: ErrorDetail {
                code,
                message,
                docs,
                fields,
            },
        })
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                Self::Unavailable(error.into())
            }
            // Class 57 is "operator intervention": PostgreSQL is shutting down or starting.
            sqlx::Error::Database(cause) if cause.code().is_some_and(|code| code.starts_with("57")) => {
                Self::Unavailable(error.into())
            }
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<SealError> for ApiError {
    fn from(error: SealError) -> Self {
        Self::Internal(error.into())
    }
}
