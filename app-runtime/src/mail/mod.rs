//! Mail to users: composing it, and sending it by SMTP without letting a request wait.
//!
//! `users` puts letters into the [`Outbox`]; one task sends them, tries again when the mail server does not answer,
//! and logs what could not be sent. Nothing here knows why a mail is sent.

mod compose;
mod outbox;
mod texts;

pub use compose::{Kind, Letter, compose};
pub use outbox::{Outbox, Retired};
