//! What a request must get past before its route is carried out: rate limits, the list of allowed routes, and the memory of
//! requests that came before. Requests within a batch pass the first two as well (CVE-2026-30972, CVE-2026-50008).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::app::AppState;
use crate::objects::Caller;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::settings::{RateLimit, RateLimitZone, Settings};

/// After so many requests the counters of callers who have gone quiet are forgotten.
const FORGET_EVERY: u32 = 4096;

/// Longest request id that is remembered.
const LONGEST_REQUEST_ID: usize = 256;

/// The counters behind `rateLimit`.
pub struct RateLimits {
    limits: Vec<(RateLimit, DefaultKeyedRateLimiter<String>)>,
    requests: AtomicU32,
}

/// What a limit is counted by.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// Below the mount, with or without slashes around it.
    pub path: &'a str,
    /// The verbs it goes by: its own and, within a batch, that of the batch.
    pub methods: &'a [&'a str],
    pub ip: IpAddr,
    /// `None`: a session token that is not valid.
    pub caller: Option<&'a Caller>,
}

impl RateLimits {
    /// Fresh counters for the app's limits.
    pub fn new(settings: &Settings) -> Self {
        let limits = settings.rate_limits.iter().filter_map(|limit| {
            let count = NonZeroU32::new(limit.count)?;
            let quota = Quota::with_period(limit.window / limit.count)?.allow_burst(count);
            Some((limit.clone(), RateLimiter::keyed(quota)))
        });
        Self {
            limits: limits.collect(),
            requests: AtomicU32::new(0),
        }
    }

    /// 429 if one of the limits on this request is exceeded.
    pub fn check(&self, request: &Counted<'_>) -> ParseResult<()> {
        if self.limits.is_empty() {
            return Ok(());
        }
        if self.requests.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limits
                .iter()
                .for_each(|(_, counters)| counters.retain_recent());
        }
        let path = format!("/{}", plain(request.path));
        for (limit, counters) in &self.limits {
            if !limit.path.is_match(&path) || is_exempt(limit, request) {
                continue;
            }
            if counters.check_key(&key(limit.zone, request)).is_err() {
                return Err(ParseError::too_many_requests(limit.message.as_str()));
            }
        }
        Ok(())
    }
}

fn is_exempt(limit: &RateLimit, request: &Counted<'_>) -> bool {
    let internal = request.ip.is_loopback() && !limit.include_internal_requests;
    let owner = request.caller.is_some_and(Caller::is_master) && !limit.include_master_key;
    let other_verb = limit
        .methods
        .as_ref()
        .is_some_and(|methods| !request.methods.iter().any(|method| methods.is_match(method)));
    internal || owner || other_verb
}

/// Who shares the counter; whoever has no session is counted by address.
fn key(zone: RateLimitZone, request: &Counted<'_>) -> String {
    let session = request.caller.and_then(|caller| caller.session.as_ref());
    match (zone, session) {
        (RateLimitZone::Global, _) => "app".into(),
        (RateLimitZone::User, Some(session)) => format!("user {}", session.user),
        (RateLimitZone::Session, Some(session)) => format!("session {}", session.id),
        _ => request.ip.to_string(),
    }
}

/// The path as routes are found by: slashes around it, or more than one, mean nothing.
fn plain(path: &str) -> String {
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
