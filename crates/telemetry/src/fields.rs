//! Names of log and span fields, written down once so that one search finds everything about an app.
//!
//! Use them as `tracing::info!({ fields::APP_ID } = %app, "app is ready")`.

/// An app's id, `app_…`.
pub const APP_ID: &str = "app.id";
/// An organization's id, `org_…`.
pub const ORG_ID: &str = "org.id";
/// The acting person's id, `acc_…`.
pub const ACCOUNT_ID: &str = "account.id";
/// `eu` or `na`.
pub const REGION: &str = "region";
/// One runtime process, a UUID made at its start.
pub const INSTANCE_ID: &str = "instance.id";
/// The id that a response and its log line share.
pub const REQUEST_ID: &str = "request.id";
/// The matched route, not the path: it must not carry ids or secrets.
pub const HTTP_ROUTE: &str = "http.route";
/// Request method.
pub const HTTP_METHOD: &str = "http.request.method";
/// Response status code.
pub const HTTP_STATUS: &str = "http.response.status_code";
/// Wall time in milliseconds.
pub const ELAPSED_MS: &str = "elapsed_ms";
/// Time spent waiting for the database while handling one request, in milliseconds.
pub const DB_ELAPSED_MS: &str = "db.elapsed_ms";
/// Database commands sent while handling one request.
pub const DB_COUNT: &str = "db.count";
