//! `/api/v1/tokens/{id}`

pub mod delete;
