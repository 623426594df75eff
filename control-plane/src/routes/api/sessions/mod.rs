//! `/api/v1/sessions`

pub mod get;
pub mod id;
