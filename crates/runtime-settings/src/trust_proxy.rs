//! `trustProxy`: whose `X-Forwarded-For` is believed when the address of a client is asked.
//!
//! The forms are those of Express, which Parse Server hands this option to: `true`, a number of hops, or the addresses
//! of the proxies (with the words `loopback`, `linklocal` and `uniquelocal`).

use std::net::IpAddr;

use serde_json::Value;

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
        let forwarded = forwarded_for
            .unwrap_or_default()
            .rsplit(',')
            .map(|part| part.trim().parse::<IpAddr>());
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

/// Reads the option: `true`, `false`, a number of hops, or addresses as a list or as text with commas.
pub(super) fn from_value(value: &Value) -> Result<TrustProxy, String> {
    let malformed = || "must be true, false, a number of hops, or a list of addresses".to_owned();
    let entries: Vec<&str> = match value {
        Value::Bool(true) => return Ok(TrustProxy::Everybody),
        Value::Bool(false) => return Ok(TrustProxy::Nobody),
        Value::Number(hops) => {
            let hops = hops
                .as_u64()
                .and_then(|hops| usize::try_from(hops).ok())
                .ok_or_else(malformed)?;
            return Ok(if hops == 0 {
                TrustProxy::Nobody
            } else {
                TrustProxy::Hops(hops)
            });
        }
        Value::String(text) => text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .collect(),
        Value::Array(all) => all
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .ok_or_else(malformed)?,
        _ => return Err(malformed()),
    };
    if entries.is_empty() {
        return Ok(TrustProxy::Nobody);
    }
    let entries: Vec<&str> = entries.into_iter().flat_map(named_ranges).collect();
    IpRanges::parse(&entries)
        .map(TrustProxy::Addresses)
        .map_err(|error| error.to_string())
}

/// The words Express knows for well-known ranges.
fn named_ranges(entry: &str) -> Vec<&str> {
    match entry {
        "loopback" => vec!["127.0.0.1/8", "::1/128"],
        "linklocal" => vec!["169.254.0.0/16", "fe80::/10"],
        "uniquelocal" => vec!["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    const FORWARDED: Option<&str> = Some("203.0.113.9, 10.0.0.7");

    fn seen(trust: &TrustProxy, forwarded: Option<&str>) -> String {
        trust
            .client_ip("127.0.0.1".parse().unwrap(), forwarded)
            .to_string()
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
        assert_eq!(
            seen(&inner, Some("198.51.100.1, 203.0.113.9, 10.0.0.7")),
            "203.0.113.9"
        );
    }

    #[test]
    fn everybody_believes_the_farthest_entry() {
        assert_eq!(seen(&TrustProxy::Everybody, FORWARDED), "203.0.113.9");
    }

    #[test]
    fn option_takes_the_forms_of_express() {
        assert_eq!(from_value(&json!([])), Ok(TrustProxy::Nobody));
        assert_eq!(from_value(&json!(false)), Ok(TrustProxy::Nobody));
        assert_eq!(from_value(&json!(true)), Ok(TrustProxy::Everybody));
        assert_eq!(from_value(&json!(2)), Ok(TrustProxy::Hops(2)));
        let words = from_value(&json!("loopback, 10.0.0.0/8")).unwrap();
        assert_eq!(seen(&words, FORWARDED), "203.0.113.9");
        for bad in [json!({}), json!(-1), json!([1]), json!("localhost")] {
            assert!(from_value(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn garbage_ends_the_chain() {
        assert_eq!(
            seen(&TrustProxy::Everybody, Some("203.0.113.9, unknown")),
            "127.0.0.1"
        );
        assert_eq!(seen(&TrustProxy::Everybody, None), "127.0.0.1");
    }
}
