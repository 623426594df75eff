//! `/api/v1/apps/{id}/keys/{kind}/rotate`

pub mod post;
