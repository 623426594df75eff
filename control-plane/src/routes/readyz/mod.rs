//! `/readyz`

pub mod get;
