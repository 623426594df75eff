//! `/internal/v1/usage`

pub mod post;
