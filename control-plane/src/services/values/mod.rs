//! What people type, parsed once into types that cannot hold anything else.

mod email;
mod name;
mod password;

pub use email::Email;
pub use name::Name;
pub use password::NewPassword;

use crate::error::{ApiError, Fields};

/// Collects what is wrong with several fields, so that one answer shows all of it.
#[derive(Debug, Default)]
pub struct Check(Fields);

impl Check {
    /// The value, or a note of what is wrong with `field`.
    pub fn field<T>(&mut self, field: &str, parsed: Result<T, String>) -> Option<T> {
        parsed
            .map_err(|problem| self.0.insert(field.to_owned(), problem))
            .ok()
    }

    /// The error about everything noted.
    pub fn refusal(self) -> ApiError {
        ApiError::InvalidInput(self.0)
    }
}
