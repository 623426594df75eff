//! `/api/v1/apps/{id}/undelete`

pub mod post;
