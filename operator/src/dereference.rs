//! First step: gathers all that an App refers to. Sends nothing; everything comes from the cache.

use std::sync::Arc;

use app_crd::AppStatus;
use k8s_openapi::jiff::Timestamp;

use crate::app_object::AppObject;
use crate::build::Placement;
use crate::cache::Workload;
use crate::context::Context;

/// What an App refers to, at one moment.
pub struct References {
    /// The control plane's document of settings.
    pub source: Option<Arc<[u8]>>,
    /// Where the app's data are, once that was decided.
    pub placement: Option<Placement>,
    pub workload: Workload,
    /// The status that the API server has.
    pub status: AppStatus,
    /// Hosts of this App that an older one has, with that one's name.
    pub taken: Vec<(String, String)>,
}

/// Looks everything up.
pub fn dereference(context: &Context, app: &AppObject) -> References {
    let name = app.name();
    References {
        source: context.cache.sources.of(name),
        placement: context.cache.passwords.of(name),
        workload: context.cache.workloads.of(name),
        status: context.known_status(app),
        taken: taken(app, &context.apps.state()),
    }
}

/// A host belongs to the App that was created first.
fn taken(app: &AppObject, all: &[Arc<AppObject>]) -> Vec<(String, String)> {
    let shared = |other: &AppObject| {
        app.hosts()
            .iter()
            .filter(|host| other.hosts().contains(host))
            .cloned()
            .collect()
    };
    all.iter()
        .filter(|other| other.uid() != app.uid())
        .map(|other| (other, shared(other)))
        .filter(|(other, hosts): &(_, Vec<String>)| !hosts.is_empty() && age(other) < age(app))
        .flat_map(|(other, hosts)| hosts.into_iter().map(|host| (host, other.name().to_owned())))
        .collect()
}

/// Creation times are whole seconds; of equals the smaller name counts as the older one.
fn age(app: &AppObject) -> (Option<Timestamp>, &str) {
    (
        app.metadata.creation_timestamp.as_ref().map(|time| time.0),
        app.name(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn app(id: &str, created: &str, hosts: &[&str]) -> Arc<AppObject> {
        let app = json!({
            "metadata": { "name": format!("app-{id}"), "uid": id, "creationTimestamp": created },
            "spec": { "appId": format!("app_{id}"), "region": "eu", "runtimeVersion": "1", "hosts": hosts },
        });
        Arc::new(serde_json::from_value(app).unwrap())
    }

    #[test]
    fn a_host_belongs_to_the_app_that_came_first() {
        let old = app(
            "01jd4y0w7qk3v5x8z9a2b4c6da",
            "2026-01-01T00:00:00Z",
            &["a.example", "b.example"],
        );
        let new = app(
            "01jd4y0w7qk3v5x8z9a2b4c6db",
            "2026-01-02T00:00:00Z",
            &["b.example", "c.example"],
        );
        let all = [new.clone(), old.clone()];
        assert_eq!(taken(&old, &all), []);
        assert_eq!(
            taken(&new, &all),
            [("b.example".to_owned(), old.name().to_owned())]
        );
    }
}
