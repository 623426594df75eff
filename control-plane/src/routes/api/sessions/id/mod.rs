//! `/api/v1/sessions/{id}`

pub mod delete;
