//! How hosts lead to Apps.

use std::collections::BTreeMap;

use runtime_settings::TrustProxy;
use serde::Deserialize;
use serde_json::Value;

use super::ConfigError;

/// The Ingress of every App.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IngressConfig {
    pub class_name: Option<String>,
    pub tls_secret_name: Option<String>,
    pub tls: bool,
    pub public_port: Option<u16>,
    pub annotations: BTreeMap<String, String>,
    pub namespace_selector: BTreeMap<String, String>,
    pub suspended_service: String,
    /// As the runtimes' option of this name; see [`IngressConfig::check`].
    pub trust_proxy: Value,
}

impl IngressConfig {
    /// Where SDKs reach the App of this host.
    pub fn url(&self, host: &str) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        match self.public_port {
            Some(port) => format!("{scheme}://{host}:{port}/parse"),
            None => format!("{scheme}://{host}/parse"),
        }
    }

    /// Without trust all clients of an App count as one, and with trust in everybody they choose their address.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match TrustProxy::from_value(&self.trust_proxy) {
            Ok(TrustProxy::Hops(_) | TrustProxy::Addresses(_)) => Ok(()),
            _ => Err(ConfigError::Value {
                key: "ingress.trustProxy",
                reason: "must be a number of proxies, at least 1, or a list of their addresses".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn proxies_are_counted_or_named_and_neither_nobody_nor_everybody() {
        let config =
            |value: &str| Config::from_yaml(&format!("region: eu\ningress: {{ trustProxy: {value} }}"));
        for good in ["1", "2", "[10.0.0.0/8, 'fd00::/8']", "loopback"] {
            assert!(config(good).is_ok(), "{good}");
        }
        for bad in ["0", "true", "false", "[]", "-1", "[ingress]", "null"] {
            let error = config(bad).unwrap_err().to_string();
            assert!(error.contains("ingress.trustProxy"), "{bad}: {error}");
        }
    }

    #[test]
    fn an_address_has_the_scheme_and_port_that_people_use() {
        let ingress = |section: &str| {
            Config::from_yaml(&format!("region: eu\ningress: {section}"))
                .unwrap()
                .ingress
        };
        assert_eq!(ingress("{}").url("a.example"), "https://a.example/parse");
        let local = ingress("{ tls: false, publicPort: 8081 }");
        assert_eq!(local.url("a.example"), "http://a.example:8081/parse");
    }
}
