//! `/docs/{page}`

pub mod get;
