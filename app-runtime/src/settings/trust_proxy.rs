//! `trustProxy`: whose `X-Forwarded-For` is believed when the address of a client is asked.
//!
//! The forms are those of Express, which Parse Server hands this option to: `true`, a number of hops, or the addresses
//! of the proxies (with the words `loopback`, `linklocal` and `uniquelocal`).

use std::net::IpAddr;

use super::IpRanges;

/// Whose word about the client's address counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustProxy {
    #[default]
    Nobody,
    Everybody,
    /// This many proxies stand in front.
    Hops(usize),
    Addresses(IpRanges),
}

impl TrustProxy {
    /// The client's address: the nearest one that is not a trusted proxy.
    ///
    /// `peer` is the other end of the socket; `forwarded_for` is the `X-Forwarded-For` header, client first.
    #[must_use]
    pub fn client_ip(&self, peer: IpAddr, forwarded_for: Option<&str>) -> IpAddr {
        let mut client = peer;
        let forwarded = forwarded_for.unwrap_or_default().rsplit(',').map(|part| part.trim().parse::<IpAddr>());
        for (hop, next) in forwarded.enumerate() {
            let Ok(next) = next else { break };
            if !self.trusts(hop, client) {
                break;
            }
            client = next;
        }
        client
    }

    fn trusts(&self, hop: usize, address: IpAddr) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Hops(hops) => hop < *hops,
            Self::Addresses(ranges) => ranges.contains(address),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const FORWARDED: Option<&str> = Some("203.0.113.9, 10.0.0.7");

    fn seen(trust: &TrustProxy, forwarded: Option<&str>) -> String {
        trust.client_ip("127.0.0.1".parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(seen(&TrustProxy::Nobody, FORWARDED), "127.0.0.1");
        let elsewhere = TrustProxy::Addresses(IpRanges::parse(&["10.0.0.0/8"]).unwrap());
        assert_eq!(seen(&elsewhere, FORWARDED), "127.0.0.1");
    }

    #[test]
    fn hops_count_from_the_server() {
        assert_eq!(seen(&TrustProxy::Hops(1), FORWARDED), "10.0.0.7");
        assert_eq!(seen(&TrustProxy::Hops(2), FORWARDED), "203.0.113.9");
        assert_eq!(seen(&TrustProxy::Hops(9), FORWARDED), "203.0.113.9");
    }

    #[test]
    fn trusted_addresses_are_skipped_from_the_server_outwards() {
        let inner = TrustProxy::Addresses(IpRanges::parse(&["127.0.0.0/8", "10.0.0.0/8"]).unwrap());
        assert_eq!(seen(&inner, FORWARDED), "203.0.113.9");
        assert_eq!(seen(&inner, Some("198.51.100.1, 203.0.113.9, 10.0.0.7")), "203.0.113.9");
    }

    #[test]
    fn everybody_believes_the_farthest_entry() {
        assert_eq!(seen(&TrustProxy::Everybody, FORWARDED), "203.0.113.9");
    }

    #[test]
    fn garbage_ends_the_chain() {
        assert_eq!(seen(&TrustProxy::Everybody, Some("203.0.113.9, unknown")), "127.0.0.1");
        assert_eq!(seen(&TrustProxy::Everybody, None), "127.0.0.1");
    }
}
