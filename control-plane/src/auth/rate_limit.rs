//! How often one address may try: sign-ups, log-ins, password confirmations.
//!
//! In the memory of this process, by caller address; an IPv6 caller counts by its /64, which one customer
//! gets as a whole. The lockout in the database stands behind it.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

use crate::{config::LimitsConfig, error::ApiError};

/// The limiters of the process.
pub struct RateLimits {
    pub signup: Limiter,
    pub login: Limiter,
    pub confirmation: Limiter,
}

impl RateLimits {
    /// Takes the numbers from the configuration.
    pub fn new(limits: &LimitsConfig) -> Self {
        Self {
            signup: Limiter::per_minute(limits.signups_per_minute),
            login: Limiter::per_minute(limits.logins_per_minute),
            confirmation: Limiter::per_minute(limits.reveals_per_minute),
        }
    }

    /// Forgets addresses that have been quiet; call it now and then.
    pub fn forget_quiet(&self) {
        for limiter in [&self.signup, &self.login, &self.confirmation] {
            limiter.0.retain_recent();
        }
    }
}

/// So many per minute and address, all at once if they like.
pub struct Limiter(DefaultKeyedRateLimiter<IpAddr>);

impl Limiter {
    fn per_minute(count: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(
            NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN),
        )))
    }

    /// Counts an attempt; refuses with the time to wait.
    pub fn check(&self, address: IpAddr) -> Result<(), ApiError> {
        self.0.check_key(&network(address)).map_err(|limited| {
            let wait = limited.wait_time_from(governor::clock::DefaultClock::default().now());
            ApiError::TooManyRequests(wait + Duration::from_millis(999))
        })
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_address_too_often_does_not_stop_another() {
        let limiter = Limiter::per_minute(2);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert!(limiter.check(one).is_ok() && limiter.check(one).is_ok());
        assert!(matches!(limiter.check(one), Err(ApiError::TooManyRequests(_))));
        assert!(limiter.check(other).is_ok());
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one() {
        let (one, other) = (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::ffff:2".parse().unwrap(),
        );
        assert_eq!(network(one), network(other));
    }
}
