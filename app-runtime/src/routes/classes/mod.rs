//! `/classes/:className[/:objectId]`

pub mod create;
pub mod delete;
pub mod find;
pub mod get;
pub mod update;
