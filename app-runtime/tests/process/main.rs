//! The binary `slipway-runtime` as the operating system, a supervisor and hostile clients see it.

#![allow(clippy::unwrap_used)]

mod hostile;
mod lifecycle;
mod mongod;
mod outage;
mod runtime;
mod transaction;
