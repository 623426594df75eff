//! The control plane's API, called over HTTP as its users call it: the real server on a random port, a real
//! PostgreSQL with a fresh database per test, a region driver that only takes notes, and a clock that is moved
//! by hand. Cases come in the order nobody, wrong tenant, invalid, success, repeated.
#![allow(clippy::unwrap_used)]

mod support;

mod accounts;
mod apps;
mod at_once;
mod audit;
mod bad_input;
mod console;
mod docs;
mod endpoints;
mod engine;
mod idempotency;
mod isolation;
mod keys;
mod lockout;
mod openapi;
mod operations;
mod pause;
mod region_off;
mod regions;
mod sessions;
mod settings;
mod stored_settings;
mod tokens;
mod undo_window;
mod usage;
