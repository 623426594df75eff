//! `rateLimit`: how many requests somebody may make to a path within a window of time. Each of a batch counts as well
//! (CVE-2026-30972).

mod windows;

use std::net::IpAddr;
use std::time::Instant;

use crate::objects::Caller;
use crate::protocol::error::{ParseError, ParseResult};
use crate::routes::guards::plain;
use crate::settings::{RateLimit, RateLimitZone, Settings};
use windows::Windows;

/// The counters behind `rateLimit`.
pub struct RateLimits(Vec<(RateLimit, Windows<Key>)>);

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

/// Who shares a counter.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Everybody,
    Address(IpAddr),
    User(Box<str>),
    Session(Box<str>),
}

impl RateLimits {
    /// Fresh counters for the app's limits.
    pub fn new(settings: &Settings) -> Self {
        let limits = settings.rate_limits.iter();
        Self(
            limits
                .map(|limit| (limit.clone(), Windows::new(limit.window)))
                .collect(),
        )
    }

    /// 429 if one of the limits on this request is exceeded. All of them count it, as in Parse Server.
    pub fn check(&self, request: &Counted<'_>, now: Instant) -> ParseResult<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let path = format!("/{}", plain(request.path));
        let concerned = self
            .0
            .iter()
            .filter(|(limit, _)| limit.path.is_match(&path) && !is_exempt(limit, request));
        let mut checked = Ok(());
        for (limit, windows) in concerned {
            let counted = windows.count(key(limit.zone, request), limit.count, now);
            checked = checked
                .and(counted.map_err(|wait| ParseError::too_many_requests(limit.message.as_str(), wait)));
        }
        checked
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

/// Whoever has no session is counted by address.
fn key(zone: RateLimitZone, request: &Counted<'_>) -> Key {
    let session = request.caller.and_then(|caller| caller.session.as_ref());
    match (zone, session) {
        (RateLimitZone::Global, _) => Key::Everybody,
        (RateLimitZone::User, Some(session)) => Key::User(session.user.as_str().into()),
        (RateLimitZone::Session, Some(session)) => Key::Session(session.id.as_str().into()),
        _ => Key::Address(request.ip),
    }
}
