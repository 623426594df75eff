//! `/docs/style.css`

pub mod get;
