//! Where the control plane listens and is reached.

use std::net::IpAddr;

use serde::Deserialize;
use url::Url;

use super::Problems;

/// Section `server`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub bind: IpAddr,
    /// 0 lets the system choose; for tests.
    pub port: u16,
    /// Where apps report their usage, and nothing else is answered; none: only on `port`.
    #[serde(default)]
    pub reports_port: Option<u16>,
    /// Empty: `http://localhost:<port>`.
    pub public_url: String,
    pub trust_forwarded_for: bool,
    /// 0: one per core.
    pub workers: usize,
}

impl ServerConfig {
    /// Whether people reach it over https, so that cookies may be marked Secure.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Threads to answer requests with.
    pub fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            workers => workers,
        }
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        let reachable = self.public_url.is_empty()
            || Url::parse(&self.public_url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        problems.unless(
            reachable,
            "server.public_url",
            "must be an http or https URL, such as https://console.example.com",
        );
        problems.unless(
            self.port == 0 || self.reports_port != Some(self.port),
            "server.reports_port",
            "must not be server.port",
        );
    }
}
