//! `/api/v1/apps/{id}/audit`

pub mod get;
