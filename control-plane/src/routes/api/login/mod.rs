//! `/api/v1/login`

pub mod post;
