//! The Parse protocol's wire forms, pure: who is calling and what they ask (`envelope`), the typed values
//! (`types`, `dates`) in whatever JSON they come (`json`), the update operators (`ops`), access control lists (`acl`), names and keywords
//! (`names`, `denylist`), what is shown of `authData` (`auth_data`) and the error table (`error`).
//!
//! Nothing here does I/O or knows the database. `routes`, `objects`, `query` and `users` build on it.

pub mod acl;
pub mod auth_data;
pub mod dates;
pub mod denylist;
pub mod envelope;
pub mod error;
pub mod json;
pub mod names;
pub mod ops;
pub mod types;
