//! Lists of addresses such as `masterKeyIps`: single addresses and CIDR ranges, read once, asked per request.
//!
//! Same answers as Parse Server's `checkIp`: an IPv4 range admits only IPv4 clients, `0.0.0.0` alone means all of
//! IPv4 and `::`, `::0` all of IPv6. An IPv4 client that arrives in IPv6-mapped form counts as IPv4.

use std::fmt;
use std::net::IpAddr;

/// A set of addresses; the empty set admits nobody.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IpRanges(Vec<Range>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Range {
    network: IpAddr,
    bits: u8,
}

/// The entry that is no address and no range.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no IP address and no range such as 10.0.0.0/8")]
pub struct IpRangeError(pub String);

impl IpRanges {
    /// Reads addresses (`10.0.0.1`) and ranges (`10.0.0.0/8`, `fd00::/8`).
    ///
    /// # Errors
    /// The first entry that is neither.
    pub fn parse(entries: &[impl AsRef<str>]) -> Result<Self, IpRangeError> {
        entries
            .iter()
            .map(|entry| Range::parse(entry.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// All of IPv4 and IPv6.
    #[must_use]
    pub fn everywhere() -> Self {
        Self::parse(&["0.0.0.0/0", "::/0"]).unwrap_or_default()
    }

    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.contains(address))
    }
}

impl Range {
    fn parse(entry: &str) -> Result<Self, IpRangeError> {
        let invalid = || IpRangeError(entry.to_owned());
        let (address, bits) = match entry.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| invalid())?)),
            None => (entry.trim(), None),
        };
        let network: IpAddr = address.parse().map_err(|_| invalid())?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(if network.is_unspecified() { 0 } else { width });
        if bits > width {
            return Err(invalid());
        }
        Ok(Self { network, bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl fmt::Debug for IpRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(
                self.0
                    .iter()
                    .map(|range| format!("{}/{}", range.network, range.bits)),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn admits(entries: &[&str], address: &str) -> bool {
        IpRanges::parse(entries)
            .unwrap()
            .contains(address.parse().unwrap())
    }

    #[test]
    fn empty_list_admits_nobody() {
        assert!(!admits(&[], "127.0.0.1"));
    }

    #[test]
    fn single_address_admits_only_itself() {
        assert!(admits(&["10.0.0.1"], "10.0.0.1"));
        assert!(!admits(&["10.0.0.1"], "10.0.0.2"));
        assert!(!admits(&["127.0.0.1"], "::1"));
    }

    #[test]
    fn range_admits_its_addresses_up_to_the_edge() {
        assert!(admits(&["10.0.1.0/24"], "10.0.1.255"));
        assert!(!admits(&["10.0.1.0/24"], "10.0.2.0"));
        assert!(admits(&["fd00::/8"], "fdff::1"));
        assert!(!admits(&["fd00::/8"], "fe00::1"));
    }

    #[test]
    fn unspecified_address_admits_its_whole_family_only() {
        for all in ["0.0.0.0/0", "0.0.0.0"] {
            assert!(admits(&[all], "203.0.113.9"));
            assert!(!admits(&[all], "2001:db8::1"));
        }
        for all in ["::/0", "::", "::0"] {
            assert!(admits(&[all], "2001:db8::1"));
            assert!(!admits(&[all], "203.0.113.9"));
        }
    }

    #[test]
    fn mapped_client_address_counts_as_ipv4() {
        assert!(admits(&["127.0.0.1"], "::ffff:127.0.0.1"));
    }

    #[test]
    fn anything_else_is_named_in_the_error() {
        for bad in ["localhost", "10.0.0", "10.0.0.0/33", "::1/129", "10.0.0.0/x", ""] {
            assert_eq!(IpRanges::parse(&["::1", bad]), Err(IpRangeError(bad.to_owned())));
        }
    }
}
