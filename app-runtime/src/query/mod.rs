//! Queries, pure: the where-clause as a tree (`filter`, read from JSON by `where_clause`) and the parameters of a
//! find (`options`). `storage` turns the tree into a database filter.

pub mod filter;
pub mod options;
pub mod where_clause;

pub use filter::{Filter, Test};
pub use options::{FindOptions, Order};
