//! From what a person calls an app to the App.

use app_crd::App;

use crate::client::{Apps, Cluster};
use crate::error::Error;

/// The one App that `name` means.
pub async fn app(cluster: &Cluster, name: &str) -> Result<App, Error> {
    pick(cluster.apps().await?, name)
}

fn pick(apps: Apps, name: &str) -> Result<App, Error> {
    let count = apps.readable.len() + apps.unreadable.len();
    let wanted = bare_host(name);
    // Of one that cannot be read nothing but its name is known.
    let is_wanted = |unreadable: &str| unreadable == wanted || unreadable.replace('-', "_") == wanted;
    if let Some(app) = apps.unreadable.iter().find(|app| is_wanted(&app.name)) {
        return Err(Error::Refused(format!(
            "{}: its spec cannot be read by this release ({})",
            app.name, app.error
        )));
    }
    let readable = apps.readable.into_iter();
    let mut found: Vec<App> = readable.filter(|app| is_called(app, &wanted)).collect();
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
            candidates: found.iter().map(name_of).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// Without scheme, port and path, for what was copied from a browser.
fn bare_host(name: &str) -> String {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let name = name.split(['/', ':']).next().unwrap_or(name);
    name.trim().to_ascii_lowercase()
}

fn is_called(app: &App, wanted: &str) -> bool {
    let id = app.spec.app_id;
    let is_name = wanted == name_of(app) || wanted == id.to_string() || wanted == id.bare();
    let is_host = |host: &String| host == wanted || host.split('.').next() == Some(wanted);
    is_name || app.spec.hosts.iter().any(is_host)
}

/// The App's own name.
pub fn name_of(app: &App) -> &str {
    app.metadata.name.as_deref().unwrap_or_default()
}

/// The tenant's namespace.
pub fn namespace_of(app: &App) -> String {
    app_crd::names::namespace(&app.spec.app_id)
}

#[cfg(test)]
pub mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::Unreadable;

    pub fn an_app(bare: &str, host: &str) -> App {
        serde_json::from_value(json!({
            "apiVersion": "apps.slipway.dev/v1alpha1", "kind": "App",
            "metadata": {"name": format!("app-{bare}"), "namespace": "slipway-apps"},
            "spec": {"appId": format!("app_{bare}"), "region": "eu", "runtimeVersion": "1", "hosts": [host]},
        }))
        .unwrap()
    }

    const ONE: &str = "01k0000000000000000000000a";
    const TWO: &str = "01k0000000000000000000000b";

    fn these(readable: Vec<App>) -> Apps {
        Apps {
            readable,
            unreadable: Vec::new(),
        }
    }

    fn apps() -> Apps {
        these(vec![
            an_app(ONE, "shop-aaaaaa.eu.apps.example.com"),
            an_app(TWO, "blog-bbbbbb.eu.apps.example.com"),
        ])
    }

    #[test]
    fn an_app_that_cannot_be_read_is_named_and_the_others_are_found() {
        let mut apps = these(vec![an_app(ONE, "shop-aaaaaa.eu.apps.example.com")]);
        apps.unreadable.push(Unreadable {
            name: format!("app-{TWO}"),
            error: "no such engine".to_owned(),
        });
        let error = pick(apps, &format!("app_{TWO}")).unwrap_err().to_string();
        assert!(error.contains(TWO) && error.contains("no such engine"), "{error}");
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
            assert_eq!(name_of(&found), "app-01k0000000000000000000000a", "{name}");
        }
    }

    #[test]
    fn what_is_no_apps_name_is_said_to_be_none() {
        let error = pick(apps(), "shop").unwrap_err().to_string();
        assert!(
            error.contains("shop, nor is that an id or a host of one of the 2 Apps"),
            "{error}"
        );
        let error = pick(Apps::default(), "shop").unwrap_err().to_string();
        assert!(error.contains("no Apps here"), "{error}");
    }

    #[test]
    fn a_name_of_two_apps_is_not_guessed() {
        let twins = vec![
            an_app(ONE, "shop-a.eu.example.com"),
            an_app(TWO, "shop-a.na.example.com"),
        ];
        let error = pick(these(twins), "shop-a").unwrap_err().to_string();
        assert!(error.contains(ONE) && error.contains(TWO), "{error}");
    }
}
