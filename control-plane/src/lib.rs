//! Slipway's control plane: accounts, organizations, apps, keys, usage and audit behind one HTTP API, the
//! embedded console, and the workers that make each region match what the database asks for.
//!
//! The binary `slipway` starts it; tests start the same [`startup::serve`]. It holds no end-user data.

pub mod auth;
pub mod cli;
pub mod config;
pub mod console;
pub mod crypto;
pub mod dev;
pub mod docs;
pub mod error;
pub mod http;
pub mod metrics;
pub mod openapi;
pub mod regions;
pub mod routes;
pub mod services;
pub mod startup;
pub mod state;
pub mod store;
pub mod workers;

pub use ids::clock;
