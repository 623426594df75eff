//! `/api/v1/apps/{id}/pause`

pub mod post;
