//! `/internal/v1`: what other parts of the platform call.

pub mod usage;
