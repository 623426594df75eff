//! `/api/v1/apps/{id}`

pub mod audit;
pub mod delete;
pub mod get;
pub mod keys;
pub mod patch;
pub mod undelete;
pub mod usage;
