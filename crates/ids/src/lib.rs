//! The names of things: prefixed ids, keys and tokens, application ids, and the clock and randomness they are made from.
//!
//! Every crate of the house uses these types instead of bare strings, so an organization's id cannot be passed where
//! an app's is wanted. Whoever makes an id or a secret passes an [`IdSource`]; whoever asks for the time passes a
//! [`clock::Clock`]. Tests hand in [`source::SequentialIds`] and [`clock::ManualClock`] and get the same values on every run.

pub mod application_id;
pub mod clock;
mod id;
pub mod secret;
pub mod source;

pub use application_id::application_id;
pub use clock::{Clock, ManualClock, SystemClock};
pub use id::{AccountId, AppId, AuditId, OrganizationId, ParseIdError, SessionId, TokenId};
pub use secret::{secret, usage_token};
pub use source::{IdSource, SequentialIds, SystemIds};
