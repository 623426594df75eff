//! `/healthz`

pub mod get;
