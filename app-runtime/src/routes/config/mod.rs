//! `/config`: parameters of the app, readable by every client unless they are the owner's alone.

pub mod get;
pub mod update;
