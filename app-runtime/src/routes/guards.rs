//! What a request must get past before its route is carried out, beside the rate limits: the list of allowed routes, for
//! requests within a batch as well (CVE-2026-50008), and the memory of requests that came before.

use crate::app::AppState;
use crate::objects::Caller;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::Settings;

/// Longest request id that is remembered.
const LONGEST_REQUEST_ID: usize = 256;

/// The path as routes are found by: slashes around it, or more than one, mean nothing.
pub(super) fn plain(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    segments.join("/")
}

/// Refuses clients on routes that are not on the list.
pub fn check_route(settings: &Settings, caller: &Caller, method: &str, path: &str) -> ParseResult<()> {
    let Some(allowed) = settings.route_allow_list.as_ref().filter(|_| !caller.reads_all()) else {
        return Ok(());
    };
    let path = plain(path);
    if allowed.iter().any(|pattern| pattern.is_match(&path)) {
        return Ok(());
    }
    let detail = format!("Route not allowed by routeAllowList: {method} {path}");
    Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail))
}

/// Refuses with 159 a write whose request id has been seen before; remembers it otherwise.
pub async fn check_first_time(
    app: &AppState,
    method: &str,
    path: &str,
    request_id: Option<&str>,
) -> ParseResult<()> {
    let Some(id) = request_id.filter(|id| !id.is_empty()) else {
        return Ok(());
    };
    let path = &plain(path);
    let resource = path.split('/').next().unwrap_or_default();
    let covered = matches!(method, "POST" | "PUT")
        && matches!(
            resource,
            "classes" | "users" | "installations" | "functions" | "jobs"
        );
    let options = &app.settings.idempotency;
    if !covered || !options.paths.iter().any(|pattern| pattern.is_match(path)) {
        return Ok(());
    }
    if id.len() > LONGEST_REQUEST_ID {
        return Err(ParseError::new(
            code::INVALID_VALUE,
            "X-Parse-Request-Id is too long",
        ));
    }
    let now = app.now();
    let ttl = i64::try_from(options.ttl.as_millis()).unwrap_or(i64::MAX);
    let row = app.random(app.settings.object_id_size);
    match app
        .storage
        .remember_request(&row, id, now, now.saturating_add(ttl))
        .await?
    {
        true => Ok(()),
        false => Err(ParseError::new(code::DUPLICATE_REQUEST, "Duplicate request")),
    }
}
