//! `/api/v1/logout`

pub mod post;
