//! The binary `slipway-runtime` as the operating system, a supervisor and hostile clients see it.

#![allow(clippy::unwrap_used)]

mod hostile;
mod lifecycle;
mod mails;
mod memory;
mod mongod;
mod options;
mod outage;
mod reload;
mod runtime;
mod transaction;
