//! What all endpoints share: bodies, pages, and the layers every request passes.

mod body;
pub mod idempotency;
mod observe;
mod page;
mod security_headers;

pub use body::{BODY_LIMIT, Body, unreadable};
pub use observe::{Quiet, observe};
pub use page::{AppListQuery, PageQuery, Params, next_cursor};
pub use security_headers::{console_policy, security_headers};
