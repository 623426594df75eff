//! From what a person calls an app to the App.

use app_crd::AppSpec;
use slipway_operator::app_object::AppObject;

use crate::client::Cluster;
use crate::error::Error;

/// The one App that `name` means.
pub async fn app(cluster: &Cluster, name: &str) -> Result<AppObject, Error> {
    pick(cluster.apps().await?, name)
}

/// The spec of an App, for what cannot do without.
pub fn spec(app: &AppObject) -> Result<&AppSpec, Error> {
    app.spec
        .as_ref()
        .map_err(|error| Error::Refused(format!("{}: {}", app.name(), unreadable(error))))
}

/// In what words it is said that an App's spec is none.
pub fn unreadable(error: &str) -> String {
    format!("its spec cannot be read by this release ({error})")
}

fn pick(apps: Vec<AppObject>, name: &str) -> Result<AppObject, Error> {
    let count = apps.len();
    let wanted = bare_host(name);
    let mut found: Vec<AppObject> = apps.into_iter().filter(|app| is_called(app, &wanted)).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Error::NotFound {
            name: name.to_owned(),
            hint: match count {
                0 => ": there are no Apps here".to_owned(),
                1 => ", nor is that an id or a host of the only App here".to_owned(),
                _ => format!(", nor is that an id or a host of one of the {count} Apps here"),
            },
        }),
        _ => Err(Error::Ambiguous {
            name: name.to_owned(),
            candidates: found.iter().map(AppObject::name).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// Without scheme, port and path, for what was copied from a browser.
fn bare_host(name: &str) -> String {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let name = name.split(['/', ':']).next().unwrap_or(name);
    name.trim().to_ascii_lowercase()
}

/// An App is named after its id, so all of this is known of one whose spec cannot be read, too.
fn is_called(app: &AppObject, wanted: &str) -> bool {
    let bare = app.name().strip_prefix("app-");
    let is_name = wanted == app.name()
        || bare.is_some_and(|bare| wanted.strip_prefix("app_").unwrap_or(wanted) == bare);
    let is_host = |host: &String| host == wanted || host.split('.').next() == Some(wanted);
    is_name || app.hosts().iter().any(is_host)
}

#[cfg(test)]
pub mod tests {
    use serde_json::json;

    use super::*;

    pub fn an_app(bare: &str, host: &str) -> AppObject {
        serde_json::from_value(json!({
            "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
            "metadata": {"name": format!("app-{bare}"), "namespace": "slipway-apps"},
            "spec": {"appId": format!("app_{bare}"), "region": "eu", "runtimeVersion": "1", "hosts": [host]},
        }))
        .unwrap()
    }

    const ONE: &str = "01k0000000000000000000000a";
    const TWO: &str = "01k0000000000000000000000b";

    fn apps() -> Vec<AppObject> {
        vec![
            an_app(ONE, "shop-aaaaaa.eu.apps.example.com"),
            an_app(TWO, "blog-bbbbbb.eu.apps.example.com"),
        ]
    }

    #[test]
    fn an_app_whose_spec_cannot_be_read_is_found_by_its_names_and_hosts() {
        let mut broken = an_app(TWO, "blog-bbbbbb.eu.apps.example.com");
        broken.spec = Err("no such engine".to_owned());
        let apps = vec![apps().remove(0), broken];
        for name in [&format!("app_{TWO}"), TWO, "blog-bbbbbb"] {
            let found = pick(apps.clone(), name).unwrap();
            let error = spec(&found).unwrap_err().to_string();
            assert!(error.contains(TWO) && error.contains("no such engine"), "{error}");
        }
    }

    #[test]
    fn an_app_is_found_by_every_name_it_has() {
        for name in [
            "app-01k0000000000000000000000a",
            "app_01k0000000000000000000000a",
            ONE,
            "shop-aaaaaa",
            "shop-aaaaaa.eu.apps.example.com",
            "https://shop-aaaaaa.eu.apps.example.com:8443/parse",
            "SHOP-aaaaaa.eu.apps.example.com",
        ] {
            let found = pick(apps(), name).unwrap();
            assert_eq!(found.name(), "app-01k0000000000000000000000a", "{name}");
        }
    }

    #[test]
    fn what_is_no_apps_name_is_said_to_be_none() {
        let error = pick(apps(), "shop").unwrap_err().to_string();
        assert!(
            error.contains("shop, nor is that an id or a host of one of the 2 Apps"),
            "{error}"
        );
        let error = pick(Vec::new(), "shop").unwrap_err().to_string();
        assert!(error.contains("no Apps here"), "{error}");
    }

    #[test]
    fn a_name_of_two_apps_is_not_guessed() {
        let twins = vec![
            an_app(ONE, "shop-a.eu.example.com"),
            an_app(TWO, "shop-a.na.example.com"),
        ];
        let error = pick(twins, "shop-a").unwrap_err().to_string();
        assert!(error.contains(ONE) && error.contains(TWO), "{error}");
    }
}
