//! `/api/v1/tokens`

pub mod get;
pub mod id;
pub mod post;
