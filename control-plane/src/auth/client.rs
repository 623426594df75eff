//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{USER_AGENT, X_FORWARDED_FOR},
};
use runtime_settings::TrustProxy;
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
        // Our own proxy is the only one whose word counts: earlier entries are whatever the caller wrote.
        let trust = match AppState::of(request).config.server.trust_forwarded_for {
            true => TrustProxy::Hops(1),
            false => TrustProxy::Nobody,
        };
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let forwarded_for = request.headers().get_all(X_FORWARDED_FOR);
        let address = trust
            .client_ip(peer, forwarded_for.map(|line| line.as_bytes()))
            .to_canonical();
        Self {
            address,
            ip: address.to_string(),
            user_agent: user_agent(request),
        }
    }
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
