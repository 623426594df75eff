//! What can go wrong at the database, told apart only where callers act differently.

use mongodb::error::{Error, ErrorKind, WriteFailure};
use thiserror::Error as ThisError;

use crate::protocol::error::{ParseError, code};

/// Result of everything in `storage`.
pub type StorageResult<T> = Result<T, StorageError>;

/// A failed operation.
#[derive(Debug, Clone, ThisError)]
pub enum StorageError {
    /// A unique index refused the write; the text names the index.
    #[error("duplicate value in index {0}")]
    Duplicate(String),
    /// The database cannot be reached or is electing a primary. The same call may succeed later.
    #[error("the database cannot be reached: {0}")]
    Unavailable(#[source] Error),
    /// The database refused the values of this request.
    #[error("the database refused the request: {message}")]
    Refused { code: i32, message: String },
    /// The database worked on a query for longer than the app allows.
    #[error("the query took too long")]
    TimedOut,
    /// The answer would be larger than [`MAX_ANSWER`](crate::storage::MAX_ANSWER).
    #[error("the answer is too large")]
    TooLarge,
    /// Stored data that is not BSON or not in Parse's layout.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    #[error("the database failed: {0}")]
    Other(#[source] Error),
    /// The server is stopping; whether the operation took place is not known.
    #[error("the operation was interrupted")]
    Interrupted,
    /// The database took a request and says nothing.
    #[error("the database does not answer")]
    Silent,
    /// An index must be made before the transaction can go on; see `storage::transaction`.
    #[error("an index is needed first")]
    Postponed,
}

/// MongoDB's error codes for requests that can never succeed (`BadValue`, `TypeMismatch`, …).
const REFUSALS: &[i32] = &[
    2, 9, 14, 15, 16, 26, 27, 28, 40, 52, 56, 57, 59, 66, 67, 72, 73, 85, 86, 168, 197, 291, 292, 10334,
    13103, 15998, 16410, 16755, 16800, 17276, 17280, 17287, 17419, 17420, 31249, 31250, 31254, 40218, 40353,
    51091, 51108, 5729100,
];

/// MongoDB's `MaxTimeMSExpired`.
pub(super) const TIMED_OUT: i32 = 50;

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        let refusal = match error.kind.as_ref() {
            ErrorKind::Write(WriteFailure::WriteError(write)) => Some((write.code, write.message.clone())),
            ErrorKind::Command(command) => Some((command.code, command.message.clone())),
            ErrorKind::InsertMany(many) => many
                .write_errors
                .as_ref()
                .and_then(|all| all.first())
                .map(|write| (write.code, write.message.clone())),
            ErrorKind::InvalidArgument { message, .. } => Some((2, message.clone())),
            // A key with a null byte, as in a hint; what is stored has none.
            ErrorKind::Bson(error) => Some((2, error.to_string())).filter(|(_, text)| text.contains("null")),
            _ => None,
        };
        match refusal {
            Some((TIMED_OUT, _)) => Self::TimedOut,
            Some((code, message)) if is_refusal(code) => Self::of_write(code, &message),
            _ if is_outage(&error) => Self::Unavailable(error),
            _ => Self::Other(error),
        }
    }
}

fn is_refusal(code: i32) -> bool {
    matches!(code, 11000 | 11001) || REFUSALS.contains(&code)
}

impl StorageError {
    /// What the database says of one document of a write.
    pub(super) fn of_write(code: i32, message: &str) -> Self {
        match code {
            11000 | 11001 => Self::Duplicate(index_of(message)),
            _ => Self::Refused {
                code,
                message: message.to_owned(),
            },
        }
    }
}

fn is_outage(error: &Error) -> bool {
    let by_kind = matches!(
        error.kind.as_ref(),
        ErrorKind::ServerSelection { .. }
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::Io(_)
            | ErrorKind::DnsResolve { .. }
    );
    by_kind
        || error.contains_label("RetryableWriteError")
        || error.contains_label("TransientTransactionError")
}

/// `username_1` of "E11000 duplicate key error collection: db._User index: username_1 dup key: …".
fn index_of(message: &str) -> String {
    message
        .split(" index: ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default()
        .to_owned()
}

impl From<StorageError> for ParseError {
    fn from(error: StorageError) -> Self {
        match &error {
            StorageError::Duplicate(index) => match index.as_str() {
                "username_1" | "case_insensitive_username" => {
                    Self::new(code::USERNAME_TAKEN, "Account already exists for this username.")
                }
                "email_1" | "case_insensitive_email" => Self::new(
                    code::EMAIL_TAKEN,
                    "Account already exists for this email address.",
                ),
                index if index.starts_with("_auth_data_") => {
                    Self::new(code::ACCOUNT_ALREADY_LINKED, "this auth is already used")
                }
                _ => Self::new(
                    code::DUPLICATE_VALUE,
                    "A duplicate value for a field with unique values was provided",
                ),
            },
            StorageError::Refused {
                code: number,
                message,
            } => {
                tracing::debug!(code = number, message, "the database refused a request");
                Self::new(
                    code::INVALID_QUERY,
                    "The database cannot carry out this request. Check the types of its values.",
                )
            }
            StorageError::TooLarge => Self::new(
                code::INVALID_QUERY,
                "The answer would be larger than 64 MB. Ask with a smaller limit, for fewer keys, or include less.",
            ),
            StorageError::TimedOut => Self::new(
                code::TIMEOUT,
                "The query took too long. Narrow it down, or ask for an index on its fields.",
            ),
            StorageError::Unavailable(_)
            | StorageError::Interrupted
            | StorageError::Silent
            | StorageError::Postponed => {
                tracing::warn!(error = %error, "database unavailable");
                Self::new(
                    code::INTERNAL_SERVER_ERROR,
                    "The database of this app cannot be reached right now. Try again in a moment.",
                )
            }
            StorageError::Corrupt(_) | StorageError::Other(_) => {
                tracing::error!(error = %error, "database failure");
                Self::new(code::INTERNAL_SERVER_ERROR, "An internal server error occurred")
            }
        }
    }
}

impl From<bson::error::Error> for StorageError {
    fn from(error: bson::error::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_read_from_the_message() {
        let message = "E11000 duplicate key error collection: app._User index: username_1 dup key: { username: \"a b\" }";
        assert_eq!(index_of(message), "username_1");
        assert_eq!(
            ParseError::from(StorageError::Duplicate("username_1".into())).code,
            Some(202)
        );
        assert_eq!(
            ParseError::from(StorageError::Duplicate("name_1".into())).code,
            Some(137)
        );
    }
}
