//! `/api/v1/apps/{id}/settings`

pub mod get;
pub mod patch;
