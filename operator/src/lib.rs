//! The operator as a library, so that tests can call what the binary runs.
//!
//! One [`Operator`] turns every `App` of its control namespace into an isolated tenant. A look at an App is
//! [`controller`]: [`dereference`], [`validate`], [`build`] and [`apply`] (in the order of [`provision`]), [`update_status`].

pub mod app_object;
mod apply;
mod backoff;
mod bell;
pub mod build;
mod cache;
pub mod cli;
mod client;
mod conditions;
pub mod config;
mod context;
mod controller;
mod crd;
mod database;
mod dereference;
mod error;
mod events;
mod finalizer;
mod gauges;
mod http;
mod leader;
pub mod metrics;
mod observe;
mod operator;
mod provision;
mod route;
mod start;
mod status;
mod strangers;
mod suspend;
mod suspended;
mod teardown;
mod update_status;
mod validate;
mod watch;

pub use client::connect;
pub use crd::{CrdError, crd_yaml};
pub use operator::{Operator, OperatorError};
pub use start::{Error, run};
