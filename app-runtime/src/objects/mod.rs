//! The rules of the data layer: who may do what to which object, and how classes grow with what is written.
//!
//! `routes` and `users` call it with a [`Caller`] and protocol values; it decides, and hands the rest to `storage`.

pub mod access;
pub mod caller;
pub mod complexity;
pub mod create;
pub mod delete;
pub mod draft;
pub mod find;
pub mod include;
pub mod installations;
pub mod protected;
pub mod relations;
pub mod saved;
pub mod schema;
pub mod subqueries;
pub mod update;

pub use caller::{Caller, Session};
