//! `/api/v1`: what the console and scripts call.

pub mod apps;
pub mod audit;
pub mod login;
pub mod logout;
pub mod openapi;
pub mod regions;
pub mod session;
pub mod sessions;
pub mod signup;
pub mod tokens;
pub mod views;
