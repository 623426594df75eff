//! `/api/v1/apps/{id}/resume`

pub mod post;
