//! Queries, pure: the where-clause as a tree (`filter`, read from JSON by `where_clause`) and the parameters of a
//! find (`options`), and aggregation pipelines (`pipeline`). `storage` turns the tree into a database filter.

mod constraints;
pub mod evaluate;
pub mod filter;
mod geo;
pub mod options;
pub mod pipeline;
mod relative_time;
pub mod where_clause;

pub use filter::{Filter, Geo, Subquery, Test, TextSearch};
pub use options::{FindOptions, Include, Order};
pub use where_clause::Reader;
