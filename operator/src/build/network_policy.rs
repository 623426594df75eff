//! Two policies: nothing goes in or out of the namespace, except what the second one names.

use std::collections::BTreeMap;

use app_crd::names::RUNTIME;
use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::child::{Child, Kind};
use super::common::{metadata, pod_labels, selector};
use super::pod::PORT;
use crate::config::{Config, DatabaseConfig, ExtraEgress};

pub(super) const DEFAULT_DENY: &str = "default-deny";
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Closes the namespace both ways, for every pod that could ever be in it.
pub fn default_deny(app: &str, config: &Config) -> Child {
    policy(
        app,
        config,
        DEFAULT_DENY,
        NetworkPolicySpec {
            pod_selector: Some(LabelSelector::default()),
            policy_types: both_ways(),
            // Said although it says nothing: a field we have set is ours, and is put right when somebody opens it.
            ingress: Some(Vec::new()),
            egress: Some(Vec::new()),
        },
    )
}

/// Opens for the runtime's pods: requests from the ingress; name servers, the tenant's database cluster, the public
/// internet, and what the settings add. `cluster`: the name of the database cluster.
pub fn runtime(app: &str, config: &Config, cluster: &str) -> Child {
    let mut egress = vec![dns(config)];
    let database = config.databases.iter().find(|database| database.name == cluster);
    egress.extend(database.and_then(database_rule));
    egress.extend(config.network.extra_egress.iter().map(extra));
    egress.push(internet(config));
    policy(
        app,
        config,
        RUNTIME,
        NetworkPolicySpec {
            pod_selector: Some(selector(&pod_labels(app))),
            policy_types: both_ways(),
            ingress: Some(vec![NetworkPolicyIngressRule {
                from: Some(vec![namespaces(&config.ingress.namespace_selector)]),
                ports: Some(vec![port("TCP", PORT)]),
            }]),
            egress: Some(egress),
        },
    )
}

fn policy(app: &str, config: &Config, name: &str, spec: NetworkPolicySpec) -> Child {
    let policy = NetworkPolicy {
        metadata: metadata(app, config, name),
        spec: Some(spec),
    };
    Child::namespaced(Kind::NetworkPolicy, app, name, policy)
}

fn both_ways() -> Option<Vec<String>> {
    Some(vec!["Ingress".to_owned(), "Egress".to_owned()])
}

fn dns(config: &Config) -> NetworkPolicyEgressRule {
    let dns = &config.network.dns;
    NetworkPolicyEgressRule {
        to: Some(vec![pods(&dns.namespace, &dns.pod_labels)]),
        ports: Some(vec![port("UDP", 53), port("TCP", 53)]),
    }
}

/// None when the settings give no address: a rule without peers would allow every address.
fn database_rule(cluster: &DatabaseConfig) -> Option<NetworkPolicyEgressRule> {
    let inside = cluster
        .namespace
        .as_ref()
        .map(|namespace| pods(namespace, &cluster.pod_selector));
    let outside = cluster.cidrs.iter().map(|cidr| block(cidr, &[]));
    let peers: Vec<_> = inside.into_iter().chain(outside).collect();
    (!peers.is_empty()).then(|| NetworkPolicyEgressRule {
        to: Some(peers),
        ports: Some(vec![port("TCP", cluster.port)]),
    })
}

fn extra(rule: &ExtraEgress) -> NetworkPolicyEgressRule {
    let (peer, protocol, number) = match rule {
        ExtraEgress::Pods {
            namespace,
            pod_labels,
            port,
            protocol,
        } => (pods(namespace, pod_labels), protocol, *port),
        ExtraEgress::Addresses { cidr, port, protocol } => (block(cidr, &[]), protocol, *port),
    };
    NetworkPolicyEgressRule {
        to: Some(vec![peer]),
        ports: Some(vec![port(protocol.as_str(), number)]),
    }
}

fn internet(config: &Config) -> NetworkPolicyEgressRule {
    let network = &config.network;
    let mut ports = open_ports("TCP", &network.deny_ports);
    ports.extend(open_ports("UDP", &network.deny_ports));
    NetworkPolicyEgressRule {
        to: Some(vec![
            block("0.0.0.0/0", &network.deny_cidrs),
            block("::/0", &network.deny_cidrs_v6),
        ]),
        ports: Some(ports),
    }
}

/// All ports but the closed ones, as ranges: policies cannot say "except" of ports.
fn open_ports(protocol: &str, closed: &[u16]) -> Vec<NetworkPolicyPort> {
    let mut closed = closed.to_vec();
    closed.sort_unstable();
    let mut ranges = Vec::new();
    let mut from: u32 = 1;
    for port in closed.into_iter().map(u32::from).chain([65_536]) {
        if from < port {
            ranges.push(range(protocol, from, port - 1));
        }
        from = from.max(port + 1);
    }
    ranges
}

fn range(protocol: &str, from: u32, to: u32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        protocol: Some(protocol.to_owned()),
        port: i32::try_from(from).ok().map(IntOrString::Int),
        end_port: i32::try_from(to).ok().filter(|_| to > from),
    }
}

fn port(protocol: &str, port: u16) -> NetworkPolicyPort {
    range(protocol, port.into(), port.into())
}

fn block(cidr: &str, except: &[String]) -> NetworkPolicyPeer {
    let family = cidr.contains(':');
    let except: Vec<String> = except
        .iter()
        .filter(|cidr| cidr.contains(':') == family)
        .cloned()
        .collect();
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: (!except.is_empty()).then_some(except),
        }),
        ..NetworkPolicyPeer::default()
    }
}

fn pods(namespace: &str, labels: &BTreeMap<String, String>) -> NetworkPolicyPeer {
    let namespace = [(NAMESPACE_NAME.to_owned(), namespace.to_owned())].into();
    NetworkPolicyPeer {
        pod_selector: Some(selector(labels)),
        ..namespaces(&namespace)
    }
}

fn namespaces(labels: &BTreeMap<String, String>) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        namespace_selector: Some(selector(labels)),
        ..NetworkPolicyPeer::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{Tenant, fixture};

    fn of(tenant: &Tenant<'_>) -> Child {
        runtime(tenant.name, tenant.config, tenant.cluster)
    }

    #[test]
    fn nothing_goes_in_or_out() {
        let fixture = fixture();
        let tenant = fixture.tenant();
        insta::assert_yaml_snapshot!(default_deny(tenant.name, tenant.config).body);
    }

    #[test]
    fn except_what_is_named() {
        insta::assert_yaml_snapshot!(of(&fixture().tenant()).body);
    }

    #[test]
    fn closed_ports_leave_ranges_between_them() {
        let ranges = |closed: &[u16]| -> Vec<_> {
            let ports = open_ports("TCP", closed);
            ports
                .into_iter()
                .map(|port| (port.port.unwrap(), port.end_port))
                .collect()
        };
        let int = IntOrString::Int;
        assert_eq!(ranges(&[]), [(int(1), Some(65535))]);
        assert_eq!(ranges(&[25]), [(int(1), Some(24)), (int(26), Some(65535))]);
        assert_eq!(ranges(&[2, 1, 65535]), [(int(3), Some(65534))]);
        assert_eq!(ranges(&[2]), [(int(1), None), (int(3), Some(65535))]);
    }

    #[test]
    fn name_servers_on_the_nodes_are_opened_for_both_protocols() {
        let mut fixture = fixture();
        fixture.config = Config::from_yaml(
            "region: eu
network:
  extraEgress:
    - { cidr: 169.254.20.10/32, port: 53, protocol: UDP }
    - { cidr: 169.254.20.10/32, port: 53 }
",
        )
        .unwrap();
        let egress = &of(&fixture.tenant()).body["spec"]["egress"];
        let port = |rule: usize| {
            (
                &egress[rule]["ports"][0]["protocol"],
                &egress[rule]["ports"][0]["port"],
            )
        };
        assert_eq!(egress[1]["to"][0]["ipBlock"]["cidr"], "169.254.20.10/32");
        assert_eq!(
            (port(1), port(2)),
            ((&"UDP".into(), &53.into()), (&"TCP".into(), &53.into()))
        );
    }

    #[test]
    fn what_answers_as_metadata_or_leads_to_private_addresses_is_closed() {
        let body = of(&fixture().tenant()).body;
        let text = body.to_string();
        for closed in [
            "169.254.0.0/16",
            "168.63.129.16/32",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "fc00::/7",
        ] {
            assert!(text.contains(closed), "{closed} is open");
        }
    }

    #[test]
    fn a_database_outside_the_cluster_is_reached_by_its_addresses() {
        let fixture = fixture();
        let mut tenant = fixture.tenant();
        tenant.cluster = "atlas";
        let rule = &of(&tenant).body["spec"]["egress"][1];
        assert_eq!(rule["to"][0]["ipBlock"]["cidr"], "203.0.113.0/24");
        assert_eq!(rule["ports"][0]["port"], 27018);
    }
}
