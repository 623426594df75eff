//! The app runtime: the Parse-protocol server of one app.
//!
//! A library so that integration tests start the same server the binary `slipway-runtime` starts. The shell
//! (`cli`, `settings`, `startup`, `metering`) knows processes and sockets; `watch` and `pulse` keep memory true; everything
//! else serves requests.

pub mod app;
pub mod cli;
mod languages;
pub mod live;
pub mod mail;
pub mod metering;
pub mod objects;
pub mod pages;
pub mod protocol;
pub mod pulse;
pub mod query;
pub mod routes;
pub mod startup;
pub mod storage;
pub mod templates;
mod turns;
pub mod users;
pub mod watch;

pub use runtime_settings as settings;
