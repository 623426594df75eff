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
    /// Reads the option: `true`, `false`, a number of hops, or addresses as a list or as text with commas.
    ///
    /// # Errors
    /// What the value must be.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let malformed = || "must be true, false, a number of hops, or a list of addresses".to_owned();
        let entries: Vec<&str> = match value {
            Value::Bool(true) => return Ok(Self::Everybody),
            Value::Bool(false) => return Ok(Self::Nobody),
            Value::Number(hops) => {
                let hops = hops
                    .as_u64()
                    .and_then(|hops| usize::try_from(hops).ok())
                    .ok_or_else(malformed)?;
                return Ok(if hops == 0 { Self::Nobody } else { Self::Hops(hops) });
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
            return Ok(Self::Nobody);
        }
        let entries: Vec<&str> = entries.into_iter().flat_map(named_ranges).collect();
        IpRanges::parse(&entries)
            .map(Self::Addresses)
            .map_err(|error| error.to_string())
    }

    /// The client's address: the nearest one that is not a trusted proxy.
    ///
    /// `peer` is the other end of the socket; `forwarded_for` are the lines of `X-Forwarded-For` in their order, together
    /// one list with the client first: some proxies add to the line that came, others add a line of their own.
    #[must_use]
    pub fn client_ip<'h>(&self, peer: IpAddr, forwarded_for: impl IntoIterator<Item = &'h [u8]>) -> IpAddr {
        let mut client = peer;
        if *self == Self::Nobody {
            return client;
        }
        let lines: Vec<&[u8]> = forwarded_for.into_iter().collect();
        let nearest_first = lines
            .iter()
            .rev()
            .flat_map(|line| line.rsplit(|byte| *byte == b','));
        for (hop, entry) in nearest_first.enumerate() {
            let Some(next) = address(entry) else { break };
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

fn address(entry: &[u8]) -> Option<IpAddr> {
    let address: IpAddr = std::str::from_utf8(entry).ok()?.trim().parse().ok()?;
    Some(address.to_canonical())
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

    const FORWARDED: &[&str] = &["203.0.113.9, 10.0.0.7"];

    fn seen(trust: &TrustProxy, forwarded: &[&str]) -> String {
        let lines = forwarded.iter().map(|line| line.as_bytes());
        trust.client_ip("127.0.0.1".parse().unwrap(), lines).to_string()
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
            seen(&inner, &["198.51.100.1, 203.0.113.9, 10.0.0.7"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn everybody_believes_the_farthest_entry() {
        assert_eq!(seen(&TrustProxy::Everybody, FORWARDED), "203.0.113.9");
    }

    #[test]
    fn option_takes_the_forms_of_express() {
        assert_eq!(TrustProxy::from_value(&json!([])), Ok(TrustProxy::Nobody));
        assert_eq!(TrustProxy::from_value(&json!(false)), Ok(TrustProxy::Nobody));
        assert_eq!(TrustProxy::from_value(&json!(true)), Ok(TrustProxy::Everybody));
        assert_eq!(TrustProxy::from_value(&json!(2)), Ok(TrustProxy::Hops(2)));
        let words = TrustProxy::from_value(&json!("loopback, 10.0.0.0/8")).unwrap();
        assert_eq!(seen(&words, FORWARDED), "203.0.113.9");
        for bad in [json!({}), json!(-1), json!([1]), json!("localhost")] {
            assert!(TrustProxy::from_value(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn cve_2023_22474_a_line_the_client_wrote_is_not_nearer_than_the_one_a_proxy_added() {
        let lines = &["127.0.0.1", "203.0.113.9"];
        assert_eq!(seen(&TrustProxy::Hops(1), lines), "203.0.113.9");
        assert_eq!(seen(&TrustProxy::Hops(2), lines), "127.0.0.1");
        let inner = TrustProxy::Addresses(IpRanges::parse(&["127.0.0.0/8", "10.0.0.0/8"]).unwrap());
        assert_eq!(seen(&inner, lines), "203.0.113.9");
        assert_eq!(
            seen(&inner, &["192.0.2.1", "198.51.100.1, 203.0.113.9", "10.0.0.7"]),
            "203.0.113.9"
        );
        let written = [b"127.0.0.1".as_slice(), b"\xff, 203.0.113.9".as_slice()];
        let client = TrustProxy::Hops(1).client_ip("10.0.0.1".parse().unwrap(), written);
        assert_eq!(client.to_string(), "203.0.113.9", "also beside what is no text");
    }

    #[test]
    fn addresses_may_be_ipv6_and_mapped_ones_count_as_ipv4() {
        assert_eq!(
            seen(&TrustProxy::Hops(1), &["127.0.0.1", "2001:db8::9"]),
            "2001:db8::9"
        );
        assert_eq!(seen(&TrustProxy::Hops(1), &["::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn garbage_ends_the_chain() {
        assert_eq!(
            seen(&TrustProxy::Everybody, &["203.0.113.9, unknown"]),
            "127.0.0.1"
        );
        assert_eq!(seen(&TrustProxy::Everybody, &["203.0.113.9", ""]), "127.0.0.1");
        assert_eq!(seen(&TrustProxy::Everybody, &[]), "127.0.0.1");
    }
}
