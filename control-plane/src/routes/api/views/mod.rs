//! Shapes that several endpoints answer with.

mod app;
mod audit;
mod session;
mod settings;

pub use app::{AppBody, AppEnvelope, AppStatus, ReplicaRange};
pub use audit::{AuditPage, audit_page};
pub use session::{AccountBody, OrganizationBody, SignedInBody, signed_in};
pub use settings::SettingsBody;
