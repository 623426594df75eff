//! `/users`, `/login`, `/logout`

pub mod account;
pub mod delete;
pub mod get;
pub mod log_in;
pub mod log_out;
pub mod me;
pub mod sign_up;
pub mod update;
