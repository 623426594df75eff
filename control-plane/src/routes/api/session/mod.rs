//! `/api/v1/session`

pub mod get;
