//! People: who a request acts as (`authenticate`), sessions, roles and how both are held in memory, sign-up, login, and the rules by
//! which users are changed. Builds on `objects`, which knows `_User` as a class like any other.

pub mod authenticate;
pub mod challenge;
pub mod identity;
pub mod lockout;
pub mod login;
pub mod mailing;
pub mod memory;
pub mod mfa;
pub mod password_policy;
pub mod password_reset;
pub mod passwords;
pub mod profile;
pub mod providers;
pub mod roles;
pub mod sessions;
pub mod signup;
pub mod verification;
