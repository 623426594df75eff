//! Secrets: how they are made, sealed at rest, and compared.

mod digest;
mod password;
mod sealer;

pub use digest::{csrf_token, sha256};
pub use password::{HashError, Passwords};
pub use sealer::{SealError, Sealed, Sealer};
