//! `/api/v1/apps`

pub mod get;
pub mod id;
pub mod post;
