//! `/api/v1/apps/{id}/usage`

pub mod get;
