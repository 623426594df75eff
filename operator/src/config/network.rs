//! What the pods of a tenant may talk to.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The network policies of every tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkConfig {
    pub deny_cidrs: Vec<String>,
    pub deny_cidrs_v6: Vec<String>,
    pub deny_ports: Vec<u16>,
    pub dns: Dns,
    pub extra_egress: Vec<ExtraEgress>,
}

/// The name servers of the cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dns {
    pub namespace: String,
    pub pod_labels: BTreeMap<String, String>,
}

/// How a port is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    #[default]
    Tcp,
    Udp,
}

impl Protocol {
    /// The name in a NetworkPolicy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        }
    }
}

/// One more thing that tenants may reach: pods, or addresses.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ExtraEgress {
    Pods {
        namespace: String,
        #[serde(default)]
        pod_labels: BTreeMap<String, String>,
        port: u16,
        #[serde(default)]
        protocol: Protocol,
    },
    Addresses {
        cidr: String,
        port: u16,
        #[serde(default)]
        protocol: Protocol,
    },
}
