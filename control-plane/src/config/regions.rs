//! Which regions are served, and by which driver.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use url::Url;

use super::Problems;
use crate::regions::Region;

/// Section `regions`: one entry per region served.
pub type RegionsConfig = BTreeMap<Region, RegionConfig>;

/// Section `regions.<id>`. What follows `driver` is for a region in a cluster; empty texts are not set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionConfig {
    pub driver: Driver,
    pub kubeconfig: String,
    pub context: String,
    pub namespace: String,
    pub domain: String,
    pub scheme: Scheme,
    /// 0: the scheme's own.
    pub public_port: u16,
    pub runtime_version: String,
    pub usage_report_url: String,
}

/// What runs the apps of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// Processes on this machine.
    Local,
    /// A cluster of its own.
    Kubernetes,
    /// Nothing: the region is not served.
    Off,
}

/// How the front door of a cluster is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// The word in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl RegionConfig {
    /// The origin of every app of a region in a cluster, as a Content-Security-Policy writes it.
    pub fn apps_origin(&self) -> String {
        let (scheme, domain) = (self.scheme.as_str(), &self.domain);
        match self.public_port {
            0 => format!("{scheme}://*.{domain}"),
            port => format!("{scheme}://*.{domain}:{port}"),
        }
    }

    fn validate(&self, region: Region, problems: &mut Problems) {
        let key = |name: &str| format!("regions.{region}.{name}");
        problems.unless(
            is_domain(&self.domain),
            &key("domain"),
            "is needed by the kubernetes driver: a lower-case DNS name, such as eu.apps.example.com",
        );
        problems.unless(
            is_label(&self.namespace),
            &key("namespace"),
            "must be the name of a namespace, such as slipway-apps",
        );
        problems.unless(
            is_tag(&self.runtime_version),
            &key("runtime_version"),
            "is needed by the kubernetes driver: the tag of the runtime's image, such as 0.1.0",
        );
        let reports = Url::parse(&self.usage_report_url);
        problems.unless(
            reports.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()),
            &key("usage_report_url"),
            "is needed by the kubernetes driver, such as https://console.example.com/internal/v1/usage",
        );
    }
}

/// Checks every region in a cluster, and that no two share their apps' addresses.
pub fn validate(regions: &RegionsConfig, problems: &mut Problems) {
    problems.unless(!regions.is_empty(), "regions", "at least one must be served");
    let mut domains = BTreeSet::new();
    for (region, config) in regions {
        if config.driver == Driver::Kubernetes {
            config.validate(*region, problems);
            problems.unless(
                domains.insert(&config.domain),
                &format!("regions.{region}.domain"),
                "is that of another region; each region has its own",
            );
        }
    }
}

fn is_domain(text: &str) -> bool {
    // With an application id before it, a host name has at most 253 characters.
    text.len() <= 200 && text.contains('.') && text.split('.').all(is_label)
}

/// A DNS label: what a part of a host name and the name of a namespace may be.
fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.chars().all(|c| plain(c) || c == '-')
        && text.starts_with(plain)
        && text.ends_with(plain)
}

fn is_tag(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    (1..=128).contains(&text.len()) && text.chars().all(fine) && !text.starts_with(['.', '-'])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::config::Config;

    const BASE: &str = r#"
        database.url = "postgres://localhost/slipway"
        secrets.kek = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        regions.na.driver = "off"
        regions.eu.driver = "kubernetes"
    "#;

    const COMPLETE: &str = r#"
        regions.eu.domain = "eu.apps.example.com"
        regions.eu.runtime_version = "0.1.0"
        regions.eu.usage_report_url = "http://slipway.slipway-system/internal/v1/usage"
    "#;

    #[test]
    fn a_cluster_needs_its_domain_release_and_way_back_and_no_mongodb_here() {
        let error = Config::from_toml(BASE).unwrap_err().to_string();
        for key in ["domain", "runtime_version", "usage_report_url"] {
            assert!(
                error.contains(&format!("regions.eu.{key}")),
                "{key} not in {error}"
            );
        }
        assert!(
            !error.contains("local.mongodb_uri") && !error.contains("regions.na"),
            "{error}"
        );
        let config = Config::from_toml(&format!("{BASE}{COMPLETE}")).unwrap();
        assert_eq!(config.regions.len(), 1, "a region that is off is not served");
    }

    #[test]
    fn two_regions_do_not_share_a_domain() {
        let shared = format!(
            "{}{COMPLETE}{}",
            BASE.replace("\"off\"", "\"kubernetes\""),
            COMPLETE.replace(".eu.", ".na."),
        );
        let error = Config::from_toml(&shared).unwrap_err().to_string();
        assert!(
            error.contains("regions.na.domain: is that of another region"),
            "{error}"
        );
    }

    #[test]
    fn a_domain_is_a_dns_name() {
        for wrong in [
            "localhost",
            "EU.example.com",
            "https://eu.example.com",
            "eu.example.com.",
            "-a.b",
            "",
        ] {
            let text = format!("{BASE}{}", COMPLETE.replace("eu.apps.example.com", wrong));
            let error = Config::from_toml(&text).unwrap_err().to_string();
            assert!(error.contains("regions.eu.domain"), "{wrong}: {error}");
        }
    }
}
