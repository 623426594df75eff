//! Work of more than one step, one noun per file. Routes call these; they call the store.

pub mod accounts;
pub mod apps;
pub mod audit;
pub mod engine;
pub mod keys;
pub mod sessions;
pub mod settings;
pub mod suspension;
pub mod tokens;
pub mod usage;
pub mod values;
