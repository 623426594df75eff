//! `report`: a folder about one app for somebody who cannot look for themselves.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};
use serde::Serialize;
use serde_json::{Value, json};
use slipway_operator::app_object::AppObject;
use slipway_operator::build::Kind;

use crate::client::{Cluster, control_of};
use crate::error::Error;
use crate::redact::{blot_values, redact};
use crate::{find, logs, status};

/// Lines of each log.
const LINES: i64 = 5_000;

pub async fn run(
    cluster: &Cluster,
    app: &str,
    folder: Option<PathBuf>,
    output: &mut impl Write,
) -> Result<(), Error> {
    let app = find::app(cluster, app).await?;
    let folder = folder.unwrap_or_else(|| PathBuf::from(format!("slipway-report-{}", app.name())));
    let report = Report::new(folder)?;
    let stored = cluster.stored_apps_beside(&app).get(app.name()).await;
    let stored = stored.map_err(Error::cluster(format!("reading {}", app.name())))?;
    report.yaml("app.yaml", &presentable(to_value(&stored)))?;
    let mut text = Vec::new();
    status::run(cluster, Some(app.name()), &mut text).await?;
    report.text("status.txt", &String::from_utf8_lossy(&text))?;
    report.yaml("events.yaml", &status::events(cluster, &app).await?)?;
    objects(cluster, &app, &report).await?;
    pod_logs(cluster, &app, &report).await?;
    operator_log(cluster, &app, &report).await?;
    writeln!(output, "{}", report.folder.display())?;
    Ok(())
}

async fn objects(cluster: &Cluster, app: &AppObject, report: &Report) -> Result<(), Error> {
    for kind in Kind::ALL {
        for object in status::list(cluster, kind, app.name()).await? {
            let name = object
                .pointer("/metadata/name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let file = format!("objects/{}-{name}.yaml", kind.name().to_ascii_lowercase());
            let shown = match kind {
                Kind::Secret => only_name_and_labels(&object),
                _ => presentable(object),
            };
            report.yaml(&file, &shown)?;
        }
    }
    Ok(())
}

/// Pods and their logs; a log that is not there (the container never ran) leaves its reason instead.
async fn pod_logs(cluster: &Cluster, app: &AppObject, report: &Report) -> Result<(), Error> {
    let pods: Api<Pod> = Api::namespaced(cluster.client.clone(), app.name());
    let found = pods.list(&ListParams::default()).await;
    for pod in found.map_err(Error::cluster("listing the pods"))? {
        let name = pod.metadata.name.clone().unwrap_or_default();
        report.yaml(&format!("objects/pod-{name}.yaml"), &presentable(to_value(&pod)))?;
        for (previous, file) in [
            (false, format!("logs/{name}.log")),
            (true, format!("logs/{name}-previous.log")),
        ] {
            if previous && !was_restarted(&pod) {
                continue;
            }
            let text = logs::of_pod(&pods, &name, LINES, previous).await;
            report.text(&file, &text.unwrap_or_else(|error| format!("{error}\n")))?;
        }
    }
    Ok(())
}

/// What the operators of the control namespace said about this app.
async fn operator_log(cluster: &Cluster, app: &AppObject, report: &Report) -> Result<(), Error> {
    let pods: Api<Pod> = Api::namespaced(cluster.client.clone(), control_of(app));
    let operators = pods
        .list(&ListParams::default().labels("app.kubernetes.io/name=operator"))
        .await;
    for pod in operators.map_err(Error::cluster("listing the operators"))? {
        let name = pod.metadata.name.unwrap_or_default();
        let text = match logs::of_pod(&pods, &name, LINES * 4, false).await {
            Ok(text) => lines_about(&text, app),
            Err(error) => format!("{error}\n"),
        };
        report.text(&format!("logs/operator-{name}.log"), &text)?;
    }
    Ok(())
}

fn lines_about(log: &str, app: &AppObject) -> String {
    // The app's id, its database and its objects have the same name but for what comes first.
    let bare = app.name().trim_start_matches("app-");
    let lines = log.lines().filter(|line| line.contains(bare));
    lines.map(|line| format!("{line}\n")).collect()
}

fn was_restarted(pod: &Pod) -> bool {
    let containers = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_ref());
    containers.is_some_and(|containers| containers.iter().any(|container| container.restart_count > 0))
}

/// Without secrets, without what only programs read, and without the copies of itself that an object has from `kubectl apply`: that of a
/// Secret has everything in it.
fn presentable(mut object: Value) -> Value {
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
    blot_values(&mut object);
    object
}

/// Of a Secret, that it is there and whose it is. It has come without its data, but annotations can say anything.
fn only_name_and_labels(secret: &Value) -> Value {
    let part = |pointer: &str| secret.pointer(pointer).cloned().unwrap_or_default();
    json!({
        "kind": "Secret",
        "metadata": {
            "name": part("/metadata/name"),
            "namespace": part("/metadata/namespace"),
            "labels": part("/metadata/labels"),
            "creationTimestamp": part("/metadata/creationTimestamp"),
        },
    })
}

fn to_value(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

/// The folder; whatever is written into it is redacted.
struct Report {
    folder: PathBuf,
}

impl Report {
    fn new(folder: PathBuf) -> Result<Self, Error> {
        if folder.exists() {
            return Err(Error::Refused(format!(
                "{} exists already: choose another folder with --output",
                folder.display()
            )));
        }
        for part in ["objects", "logs"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(Error::file(part))?;
        }
        Ok(Self { folder })
    }

    fn yaml(&self, file: &str, object: &impl Serialize) -> Result<(), Error> {
        let text = serde_yaml_ng::to_string(object).unwrap_or_else(|error| format!("# {error}\n"));
        self.text(file, &text)
    }

    fn text(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(Path::new(file));
        fs::write(&path, redact(text)).map_err(Error::file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::tests::an_app;
    use crate::redact::BLOT;

    #[test]
    fn a_report_never_overwrites_and_never_holds_a_password() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("report");
        let report = Report::new(folder.clone()).unwrap();
        let uri = "mongodb://app:hunter22@db/app";
        report
            .text("logs/a.log", &format!("connecting to {uri}\n"))
            .unwrap();
        report
            .yaml("app.yaml", &serde_json::json!({"spec": {"uri": uri}}))
            .unwrap();
        for file in ["logs/a.log", "app.yaml"] {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            assert!(!text.contains("hunter22") && text.contains(BLOT), "{text}");
        }
        assert!(Report::new(folder).is_err());
    }

    #[test]
    fn no_copy_of_a_secret_is_left_in_its_annotations() {
        let copies =
            json!({"kubectl.kubernetes.io/last-applied-configuration": "hunter22", "note": "hunter22"});
        let metadata = json!({"name": "runtime", "labels": {"team": "shop"}, "annotations": copies});
        let secret = json!({"metadata": metadata, "data": {"password": "hunter22"}});
        let shown = only_name_and_labels(&secret).to_string();
        assert!(shown.contains("runtime") && shown.contains("shop"), "{shown}");
        assert!(!shown.contains("hunter22"), "{shown}");
        let annotations = presentable(secret)["metadata"]["annotations"].to_string();
        assert_eq!(annotations, r#"{"note":"hunter22"}"#);
    }

    #[test]
    fn the_values_of_environment_variables_are_not_shown() {
        let env = json!([{"name": "SMTP_PASSWORD", "value": "hunter2"}, {"name": "PORT", "value": "1337"}]);
        let pod = json!({"spec": {"containers": [{"name": "runtime", "env": env, "args": ["serve"]}]}});
        let shown = presentable(pod).to_string();
        assert!(
            shown.contains("SMTP_PASSWORD") && shown.contains("serve"),
            "{shown}"
        );
        assert!(!shown.contains("hunter2") && !shown.contains("1337"), "{shown}");
    }

    #[test]
    fn only_the_operators_lines_about_the_app_are_taken() {
        let app = an_app("01k0000000000000000000000a", "shop.example.com");
        let log = "app-01k0000000000000000000000a ready\napp-01k0000000000000000000000b ready\n";
        assert_eq!(lines_about(log, &app), "app-01k0000000000000000000000a ready\n");
    }
}
