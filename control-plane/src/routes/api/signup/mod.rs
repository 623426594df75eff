//! `/api/v1/signup`

pub mod post;
