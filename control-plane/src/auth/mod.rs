//! Who calls, and what they may do.
//!
//! Handlers name what they need as an argument: [`Caller`] (session or token), [`SessionCaller`] (a person at
//! the console), [`OrgApp`] (an app within the caller's organizations, with a permission). An app that is not
//! the caller's does not exist for them.

mod caller;
mod client;
pub mod cookie;
pub mod lockout;
mod org_app;
mod permission;
pub mod rate_limit;

pub use caller::{Caller, Means, SessionCaller};
pub use client::Client;
pub use org_app::{OrgApp, permit};
pub use permission::{CanAdminister, CanEdit, CanScale, CanView, Permission, Role, UnknownRole};
