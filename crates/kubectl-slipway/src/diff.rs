//! `diff`: what the operator would change of an app's objects if it looked now.

use std::io::Write;

use app_crd::Engine;
use app_crd::names::annotation::{RESTARTED_AT, SETTINGS_HASH};
use app_crd::names::{FIELD_MANAGER, RUNTIME};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{Api, ListParams, Patch, PatchParams, ValidationDirective};
use serde_json::Value;
use slipway_operator::app_object::AppObject;
use slipway_operator::build::settings::Settings;
use slipway_operator::build::{self, Child, ENGINE_LABEL, Kind, Route, Tenant};
use slipway_operator::config::Config;

use crate::changes;
use crate::client::{Cluster, control_of};
use crate::error::Error;
use crate::{find, foreign, status};

/// Where the chart keeps the operator's settings, in the control namespace.
const OPERATOR_CONFIG: (&str, &str) = ("slipway-operator", "config.yaml");

pub async fn run(cluster: &Cluster, app: &str, output: &mut impl Write) -> Result<(), Error> {
    let app = find::app(cluster, app).await?;
    let config = config(cluster, &app).await?;
    let children = desired(cluster, &app, &config).await?;
    let mut differs = false;
    for child in &children {
        let lines = compare(cluster, child).await?;
        if !lines.is_empty() {
            differs = true;
            let namespace = child.id.namespace.as_deref().unwrap_or("-");
            let kind = child.id.kind.name().to_ascii_lowercase();
            writeln!(output, "{kind}/{} in {namespace}", child.id.name)?;
            for line in lines {
                writeln!(output, "  {line}")?;
            }
        }
    }
    for line in additions(cluster, app.name(), &children).await? {
        differs = true;
        writeln!(output, "{line}")?;
    }
    if differs {
        return Err(Error::Differs);
    }
    writeln!(output, "{} is as the operator would make it.", app.name())?;
    Ok(())
}

/// What a tenant consists of, without its Secrets: those are nobody's to read, and the hash of the settings is on the pods.
async fn desired(cluster: &Cluster, app: &AppObject, config: &Config) -> Result<Vec<Child>, Error> {
    let spec = find::spec(app)?;
    let live = deployment(cluster, app).await?;
    let settings = Settings {
        document: String::new(),
        hash: annotation(&live, SETTINGS_HASH),
    };
    let database = app.status.database.as_ref();
    let tenant = Tenant {
        name: app.name(),
        uid: app.uid(),
        spec,
        config,
        settings: &settings,
        cluster: database.map_or("", |database| &database.cluster),
        hosts: app.hosts(),
        route: if spec.suspended.is_some() {
            Route::Suspended
        } else {
            Route::Tenant
        },
        largest: largest_engine(cluster, app).await?,
        restarted_at: app.annotation(RESTARTED_AT),
    };
    let mut children = vec![build::namespace(app.name(), app.uid(), config)];
    children.extend(
        build::tenant(&tenant)
            .into_iter()
            .filter(|child| child.id.kind != Kind::Secret),
    );
    Ok(children)
}

/// The operator's own answer: apply as it would, without doing it.
async fn compare(cluster: &Cluster, child: &Child) -> Result<Vec<String>, Error> {
    let api = cluster.objects(child.id.kind, child.id.namespace.as_deref());
    let name = &child.id.name;
    let what = format!("{} {name}", child.id.kind.name());
    let live = api
        .get_opt(name)
        .await
        .map_err(Error::cluster(format!("reading {what}")))?;
    let Some(live) = live else {
        return Ok(vec!["is missing".to_owned()]);
    };
    let params = PatchParams {
        dry_run: true,
        force: true,
        field_manager: Some(FIELD_MANAGER.to_owned()),
        field_validation: Some(ValidationDirective::Strict),
    };
    match api.patch(name, &params, &Patch::Apply(&child.body)).await {
        Ok(applied) => {
            let applied = value(&applied);
            let mut lines = changes::between(&value(&live), &applied);
            // What others have added stays when the operator applies, so no change shows it.
            lines.extend(foreign::fields(&applied));
            Ok(lines)
        }
        // What stands there does not go together with what is wanted: the operator gets the same answer.
        Err(kube::Error::Api(status)) if matches!(status.code, 409 | 422) => {
            Ok(vec![format!("would be refused: {}", status.message)])
        }
        Err(error) => Err(Error::cluster(format!("asking what would change of {what}"))(
            error,
        )),
    }
}

/// Objects in the tenant's namespace that are not among `children`. Of Secrets there are none to compare with.
async fn additions(cluster: &Cluster, namespace: &str, children: &[Child]) -> Result<Vec<String>, Error> {
    let wanted = foreign::known(children.iter().map(|child| &child.id));
    let mut found = Vec::new();
    for kind in Kind::ALL {
        if !matches!(kind, Kind::Namespace | Kind::Secret) {
            let objects = status::list(cluster, kind, namespace).await?;
            found.extend(objects.into_iter().map(|object| (kind.name(), object)));
        }
    }
    let pods = status::pods(cluster, namespace).await?;
    found.extend(pods.into_iter().map(|pod| ("Pod", pod)));
    let lines = found
        .iter()
        .filter(|(kind, object)| foreign::is_foreign(kind, object, &wanted));
    Ok(lines
        .map(|(kind, object)| {
            let kind = kind.to_ascii_lowercase();
            format!(
                "{kind}/{} in {namespace}\n  is not the operator's",
                foreign::name(object)
            )
        })
        .collect())
}

async fn config(cluster: &Cluster, app: &AppObject) -> Result<Config, Error> {
    let namespace = control_of(app);
    let (name, key) = OPERATOR_CONFIG;
    let api: Api<ConfigMap> = Api::namespaced(cluster.client.clone(), namespace);
    let found = api
        .get_opt(name)
        .await
        .map_err(Error::cluster("reading the operator's settings"))?;
    let text = found.and_then(|map| map.data?.remove(key)).ok_or_else(|| {
        Error::Refused(format!(
            "there is no ConfigMap {name} with the operator's settings ({key}) in {namespace}"
        ))
    })?;
    Config::from_yaml(&text).map_err(|error| Error::Refused(format!("the ConfigMap {name}: {error}")))
}

async fn deployment(cluster: &Cluster, app: &AppObject) -> Result<Value, Error> {
    let api = cluster.objects(Kind::Deployment, Some(app.name()));
    let found = api
        .get_opt(RUNTIME)
        .await
        .map_err(Error::cluster("reading the Deployment"))?;
    Ok(found.as_ref().map(value).unwrap_or_default())
}

/// The quota has room for the largest pod there is, also while an app is made smaller.
async fn largest_engine(cluster: &Cluster, app: &AppObject) -> Result<Engine, Error> {
    let api: Api<Pod> = Api::namespaced(cluster.client.clone(), app.name());
    let pods = api
        .list(&ListParams::default())
        .await
        .map_err(Error::cluster("listing the pods"))?;
    let engine = |pod: &Pod| {
        let label = pod.metadata.labels.as_ref()?.get(ENGINE_LABEL)?;
        serde_json::from_value(Value::from(label.as_str())).ok()
    };
    Ok(pods.items.iter().filter_map(engine).max().unwrap_or_default())
}

fn annotation(deployment: &Value, key: &str) -> String {
    let annotations = deployment.pointer("/spec/template/metadata/annotations");
    let value = annotations.and_then(|all| all.get(key)).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

fn value(object: &impl serde::Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}
