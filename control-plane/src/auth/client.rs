//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, USER_AGENT},
};
use std::future::{Ready, ready};

use crate::{error::ApiError, state::AppState};

const LONGEST_USER_AGENT: usize = 300;

/// Address and user agent of the caller, as text for sessions and the audit log.
#[derive(Debug, Clone)]
pub struct Client {
    pub address: IpAddr,
    pub ip: String,
    /// Cut to 300 characters, control characters left out.
    pub user_agent: String,
}

impl Client {
    /// Reads it off the request.
    pub fn of(request: &HttpRequest) -> Self {
        let trust = AppState::of(request).config.server.trust_forwarded_for;
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let forwarded = trust.then(|| forwarded_for(request)).flatten();
        let address = forwarded.unwrap_or(peer).to_canonical();
        Self {
            address,
            ip: address.to_string(),
            user_agent: user_agent(request),
        }
    }
}

/// The entry our own proxy added: the last one. Earlier ones are whatever the caller wrote.
fn forwarded_for(request: &HttpRequest) -> Option<IpAddr> {
    let name = HeaderName::from_static("x-forwarded-for");
    let last = request.headers().get_all(name).last()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

fn user_agent(request: &HttpRequest) -> String {
    let bytes = request
        .headers()
        .get(USER_AGENT)
        .map_or(&[][..], |value| value.as_bytes());
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_USER_AGENT)
        .collect()
}

impl FromRequest for Client {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
