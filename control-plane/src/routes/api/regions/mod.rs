//! `/api/v1/regions`

pub mod get;
