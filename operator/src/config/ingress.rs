//! How hosts lead to Apps.

use std::collections::BTreeMap;

use serde::Deserialize;

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
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

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
