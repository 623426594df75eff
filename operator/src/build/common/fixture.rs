//! One tenant for the tests of all builders.

use app_crd::{AppSpec, Engine, Replicas, Suspension, SuspensionReason};
use serde_json::json;

use super::{Route, Tenant};
use crate::build::settings::Settings;
use crate::config::Config;

pub const NAME: &str = "app-01jd4y0w7qk3v5x8z9a2b4c6de";
pub const UID: &str = "0b9e1d1c-62a7-4c5e-9b2c-8a4d4f0a1b2c";

/// What a [`Tenant`] borrows; change it before calling [`Fixture::tenant`].
#[derive(Debug)]
pub struct Fixture {
    pub spec: AppSpec,
    pub config: Config,
    pub settings: Settings,
    pub hosts: Vec<String>,
    pub route: Route,
    pub restarted_at: Option<String>,
}

pub fn config() -> Config {
    Config::from_yaml(
        "region: eu
databases:
  - { name: main, uriFile: /etc/slipway/databases/main, capacity: 10, namespace: slipway, podSelector: { app: mongodb } }
  - { name: atlas, uriFile: /etc/slipway/databases/atlas, capacity: 10, cidrs: [203.0.113.0/24], port: 27018 }
network:
  extraEgress:
    - { namespace: slipway, podLabels: { app: slipway }, port: 8080 }
    - { cidr: 198.51.100.7/32, port: 9000 }
",
    )
    .unwrap()
}

/// An app of engine `m` with two replicas and two hosts.
pub fn fixture() -> Fixture {
    let spec: AppSpec = serde_json::from_value(json!({
        "appId": "app_01jd4y0w7qk3v5x8z9a2b4c6de",
        "region": "eu",
        "engine": "m",
        "replicas": { "min": 2 },
        "runtimeVersion": "0.1.0",
        "hosts": ["recipes-k7m2qd.eu.example.com", "api.recipes.example"],
    }))
    .unwrap();
    Fixture {
        hosts: spec.hosts.clone(),
        spec,
        config: config(),
        settings: Settings {
            document: r#"{"appId":"recipes-k7m2qd"}"#.to_owned(),
            hash: "5e77".to_owned(),
        },
        route: Route::Tenant,
        restarted_at: None,
    }
}

impl Fixture {
    pub fn tenant(&self) -> Tenant<'_> {
        Tenant {
            name: NAME,
            uid: UID,
            spec: &self.spec,
            config: &self.config,
            settings: &self.settings,
            cluster: "main",
            hosts: &self.hosts,
            route: self.route,
            largest: self.spec.engine,
            restarted_at: self.restarted_at.as_deref(),
        }
    }

    pub fn replicas(mut self, min: i32, max: Option<i32>) -> Self {
        self.spec.replicas = Replicas { min, max };
        self
    }

    pub fn engine(mut self, engine: Engine) -> Self {
        self.spec.engine = engine;
        self
    }

    pub fn suspended(mut self) -> Self {
        self.spec.suspended = Some(Suspension {
            reason: SuspensionReason::TrialExpired,
        });
        self.route = Route::Suspended;
        self
    }
}
