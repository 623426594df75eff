//! What the fuzzers try, as plain functions: what clients send goes in, and whatever it is, nothing panics, hangs or
//! breaks a promise. `cargo fuzz` calls them with inputs of its own; the suite `corpus` with those kept in `corpus/`.

pub mod acl;
mod documents;
pub mod envelope;
pub mod update;
pub mod where_clause;
