//! Shapes that several endpoints answer with.

mod app;
mod audit;
mod session;

pub use app::{AppBody, AppEnvelope, AppStatus};
pub use audit::{AuditPage, audit_page};
pub use session::{AccountBody, OrganizationBody, SignedInBody, signed_in};
