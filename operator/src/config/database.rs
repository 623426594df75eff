//! The database clusters of the region.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// One database cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatabaseConfig {
    /// Written into the status of every App that lives there: never rename a cluster in use.
    pub name: String,
    /// File with the administrator's connection string. Its hosts and options are also those of the Apps.
    pub uri_file: PathBuf,
    /// Apps it takes; 0 takes no new ones.
    pub capacity: usize,
    /// Namespace of its pods, for clusters that run in Kubernetes.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Labels of its pods.
    #[serde(default)]
    pub pod_selector: BTreeMap<String, String>,
    /// Its addresses, for clusters that run elsewhere.
    #[serde(default)]
    pub cidrs: Vec<String>,
    #[serde(default = "usual_port")]
    pub port: u16,
}

fn usual_port() -> u16 {
    27017
}

pub(super) fn check(databases: &[DatabaseConfig]) -> Result<(), ConfigError> {
    let mut names = HashSet::new();
    for database in databases {
        if !names.insert(&database.name) {
            return Err(ConfigError::Value {
                key: "databases",
                reason: format!("has two clusters of the name {}", database.name),
            });
        }
        if database.namespace.is_none() && database.cidrs.is_empty() {
            return Err(ConfigError::Value {
                key: "databases",
                reason: format!(
                    "must say where {} is: give `namespace` and `podSelector`, or `cidrs`",
                    database.name
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_cluster_without_an_address_is_refused() {
        let text = "region: eu\ndatabases: [{ name: main, uriFile: /x, capacity: 10 }]";
        let error = Config::from_yaml(text).unwrap_err().to_string();
        assert!(error.contains("where main is"), "{error}");
    }

    #[test]
    fn two_clusters_of_one_name_are_refused() {
        let one = "{ name: main, uriFile: /x, capacity: 10, cidrs: [10.0.0.1/32] }";
        let text = format!("region: eu\ndatabases: [{one}, {one}]");
        let error = Config::from_yaml(&text).unwrap_err().to_string();
        assert!(error.contains("two clusters of the name main"), "{error}");
    }
}
