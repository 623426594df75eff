//! `/api/v1/apps/{id}/keys/master/reveal`

pub mod post;
