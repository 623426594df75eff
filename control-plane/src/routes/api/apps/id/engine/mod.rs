//! `/api/v1/apps/{id}/engine`

pub mod get;
pub mod put;
