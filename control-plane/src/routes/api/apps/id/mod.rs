//! `/api/v1/apps/{id}`

pub mod audit;
pub mod delete;
pub mod engine;
pub mod get;
pub mod keys;
pub mod patch;
pub mod pause;
pub mod resume;
pub mod settings;
pub mod undelete;
pub mod usage;
