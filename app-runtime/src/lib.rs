//! The app runtime: the Parse-protocol server of one app.
//!
//! A library so that integration tests start the same server the binary `slipway-runtime` starts. The shell
//! (`cli`, `settings`, `startup`, `metering`) knows processes and sockets; everything else serves requests.

pub mod metering;
pub mod settings;
