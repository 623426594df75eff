//! The operator on a real API server, with real controllers and a real MongoDB. Nodes alone are played: a test says of a
//! pod that it is ready.
#![allow(clippy::unwrap_used)]

mod admit;
mod bad_input;
mod chaos;
mod database_user;
mod drift;
mod hijack;
mod leader;
mod lifecycle;
mod malformed;
mod rest;
mod silence;
mod strangers;
mod support;
mod suspension;
mod suspension_first;
mod teardown;
mod teardown_foreign;
