//! `/api/v1/apps/{id}/keys`

pub mod get;
pub mod reveal;
pub mod rotate;
