//! `/metrics`

pub mod get;
