//! `status`: all apps in a table, or one with everything that belongs to it.

use std::io::Write;

use app_crd::{Replicas, SuspensionReason, condition};
use chrono::{DateTime, Utc};
use ids::{Clock, SystemClock};
use k8s_openapi::api::core::v1::Event;
use kube::api::{Api, ListParams};
use serde_json::Value;
use slipway_operator::app_object::AppObject;
use slipway_operator::build::Kind;

use crate::client::{Cluster, control_of};
use crate::error::Error;
use crate::find;
use crate::objects::Line;
use crate::suspend::by_ops;
use crate::table::{age, indent, table};
use crate::wait;

/// Events shown; older ones are in the report.
const EVENTS: usize = 15;

pub async fn run(cluster: &Cluster, app: Option<&str>, output: &mut impl Write) -> Result<(), Error> {
    let Some(name) = app else {
        let apps = cluster.apps().await?;
        write!(output, "{}", overview(&apps, SystemClock.now()))?;
        return Ok(());
    };
    let app = find::app(cluster, name).await?;
    let now = SystemClock.now();
    write!(output, "{}", head(&app))?;
    write!(output, "\nConditions\n{}", indent(&conditions(&app, now)))?;
    let lines = objects(cluster, &app).await?;
    write!(output, "\nObjects\n{}", indent(&tree(&lines)))?;
    let mut events = events(cluster, &app).await?;
    let shown = events.split_off(events.len().saturating_sub(EVENTS));
    write!(output, "\nEvents\n{}", indent(&event_table(&shown, now)))?;
    Ok(())
}

fn overview(apps: &[AppObject], now: DateTime<Utc>) -> String {
    if apps.is_empty() {
        return "There are no Apps here.\n".to_owned();
    }
    let heading = [
        "APP", "REGION", "ENGINE", "REPLICAS", "READY", "REASON", "DEGRADED", "VERSION", "HOST", "AGE",
    ];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(apps.iter().map(|app| overview_row(app, now)));
    let mut text = table(&rows);
    for app in apps {
        if let Err(error) = &app.spec {
            text += &format!("{}: {}\n", app.name(), find::unreadable(error));
        }
    }
    text
}

fn overview_row(app: &AppObject, now: DateTime<Utc>) -> [String; 10] {
    let (spec, status) = (app.spec.as_ref().ok(), &app.status);
    let ready = wait::condition(app, condition::READY);
    let degraded = wait::condition(app, condition::DEGRADED).filter(|c| c.status == "True");
    [
        app.name(),
        spec.map_or("?", |spec| spec.region.as_str()),
        spec.map_or("?", |spec| spec.engine.as_str()),
        &format!("{}/{}", status.ready_replicas, status.replicas),
        ready.map_or("Unknown", |c| &c.status),
        ready.map_or("NotSeenYet", |c| &c.reason),
        degraded.map_or("-", |c| &c.reason),
        status.version.as_deref().unwrap_or("-"),
        app.hosts().first().map_or("-", String::as_str),
        &created(app).map_or_else(String::new, |at| age((now - at).num_seconds())),
    ]
    .map(str::to_owned)
}

fn head(app: &AppObject) -> String {
    let status = &app.status;
    let mut text = format!("{}\n", app.name());
    let mut line = |name: &str, value: &str| text += &format!("  {name:<10}{value}\n");
    line("ready", &wait::summary(app));
    line("url", status.url.as_deref().unwrap_or("-"));
    let version = status.version.as_deref().unwrap_or("none yet");
    match &app.spec {
        Ok(spec) => {
            line("region", spec.region.as_str());
            let engine = spec.engine.as_str();
            line(
                "engine",
                &format!("{engine}, {} replicas", replicas(&spec.replicas)),
            );
            line(
                "version",
                &format!("{version} (wanted: {})", spec.runtime_version),
            );
        }
        Err(error) => {
            line("spec", &find::unreadable(error));
            line("version", version);
        }
    }
    if let Some(database) = &status.database {
        line("database", &format!("{} on {}", database.name, database.cluster));
    }
    if let Some(reason) = app
        .suspension()
        .filter(|reason| *reason != SuspensionReason::OpsHold)
    {
        line("suspended", &format!("by the control plane: {}", reason.as_str()));
    }
    if let Some(reason) = by_ops(app) {
        line("suspended", &format!("by kubectl: {reason}"));
    }
    text
}

fn replicas(replicas: &Replicas) -> String {
    match replicas.max {
        Some(max) if max > replicas.min => format!("{} to {max}", replicas.min),
        _ => replicas.min.to_string(),
    }
}

fn conditions(app: &AppObject, now: DateTime<Utc>) -> String {
    let mut rows = vec![["TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"].map(str::to_owned)];
    for condition in &app.status.conditions {
        let stale = condition.observed_generation < app.metadata.generation;
        let note = if stale { " (about an older spec)" } else { "" };
        rows.push([
            condition.type_.clone(),
            condition.status.clone(),
            condition.reason.clone(),
            since(condition.last_transition_time.0.as_second(), now),
            format!("{}{note}", condition.message),
        ]);
    }
    table(&rows)
}

/// What belongs to the App: each object, below a Deployment its pods.
pub async fn objects(cluster: &Cluster, app: &AppObject) -> Result<Vec<(usize, Line)>, Error> {
    let namespace = app.name();
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        for object in list(cluster, kind, namespace).await? {
            lines.push((
                usize::from(kind != Kind::Namespace),
                Line::of(kind.name(), &object),
            ));
            if kind == Kind::Deployment {
                let pods = pods(cluster, namespace).await?;
                lines.extend(pods.iter().map(|pod| (2, Line::of("Pod", pod))));
            }
        }
    }
    Ok(lines)
}

/// The objects of one kind in a tenant's namespace; of Secrets only what is no secret.
pub async fn list(cluster: &Cluster, kind: Kind, namespace: &str) -> Result<Vec<Value>, Error> {
    let what = || Error::cluster(format!("listing every {} of {namespace}", kind.name()));
    let all = ListParams::default();
    let values = match kind {
        Kind::Namespace => {
            let found = cluster
                .objects(kind, None)
                .get_opt(namespace)
                .await
                .map_err(what())?;
            found.iter().map(serde_json::to_value).collect::<Vec<_>>()
        }
        Kind::Secret => {
            let found = cluster.objects(kind, Some(namespace)).list_metadata(&all).await;
            match found {
                Ok(found) => found.items.iter().map(serde_json::to_value).collect(),
                // Many who may see everything else may not even see which Secrets there are.
                Err(kube::Error::Api(status)) if status.code == 403 => Vec::new(),
                Err(error) => return Err(what()(error)),
            }
        }
        _ => {
            let found = cluster
                .objects(kind, Some(namespace))
                .list(&all)
                .await
                .map_err(what())?;
            found.items.iter().map(serde_json::to_value).collect()
        }
    };
    Ok(values.into_iter().filter_map(Result::ok).collect())
}

/// The pods of a tenant's namespace, whoever made them.
pub async fn pods(cluster: &Cluster, namespace: &str) -> Result<Vec<Value>, Error> {
    let api: Api<k8s_openapi::api::core::v1::Pod> = Api::namespaced(cluster.client.clone(), namespace);
    let pods = api.list(&ListParams::default()).await;
    let pods = pods.map_err(Error::cluster(format!("listing the pods of {namespace}")))?;
    Ok(pods
        .items
        .iter()
        .filter_map(|pod| serde_json::to_value(pod).ok())
        .collect())
}

fn tree(lines: &[(usize, Line)]) -> String {
    let row = |(depth, line): &(usize, Line)| {
        let [name, state] = line.print();
        [format!("{}{name}", "  ".repeat(*depth)), state]
    };
    table(&lines.iter().map(row).collect::<Vec<_>>())
}

/// Events about the App and about everything in its namespace, the latest last.
pub async fn events(cluster: &Cluster, app: &AppObject) -> Result<Vec<Event>, Error> {
    let tenant = app.name();
    let about = ListParams::default().fields(&format!("involvedObject.name={tenant}"));
    let mut events = Vec::new();
    for (namespace, filter) in [(control_of(app), about), (tenant, ListParams::default())] {
        let api: Api<Event> = Api::namespaced(cluster.client.clone(), namespace);
        let found = api.list(&filter).await;
        events.extend(
            found
                .map_err(Error::cluster(format!("listing the events of {namespace}")))?
                .items,
        );
    }
    events.sort_by_key(seconds);
    Ok(events)
}

fn event_table(events: &[Event], now: DateTime<Utc>) -> String {
    if events.is_empty() {
        return "none in the last hour\n".to_owned();
    }
    let mut rows = vec![["AGO", "TYPE", "REASON", "OBJECT", "MESSAGE"].map(str::to_owned)];
    for event in events {
        let about = &event.involved_object;
        let kind = about.kind.clone().unwrap_or_default().to_ascii_lowercase();
        rows.push([
            since(seconds(event), now),
            event.type_.clone().unwrap_or_default(),
            event.reason.clone().unwrap_or_default(),
            format!("{kind}/{}", about.name.clone().unwrap_or_default()),
            event
                .message
                .clone()
                .unwrap_or_default()
                .trim()
                .replace('\n', " "),
        ]);
    }
    table(&rows)
}

/// When it happened last, in seconds of the epoch; each of the two event APIs fills other fields.
fn seconds(event: &Event) -> i64 {
    let series = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref());
    let micro = series
        .or(event.event_time.as_ref())
        .map(|time| time.0.as_second());
    let plain = event.last_timestamp.as_ref().map(|time| time.0.as_second());
    plain.max(micro).unwrap_or(0)
}

fn since(seconds: i64, now: DateTime<Utc>) -> String {
    age(now.timestamp() - seconds)
}

fn created(app: &AppObject) -> Option<DateTime<Utc>> {
    let at = app.metadata.creation_timestamp.as_ref()?.0.as_second();
    DateTime::from_timestamp(at, 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::find::tests::an_app;

    fn a_failing_app() -> AppObject {
        let mut app = an_app("01k0000000000000000000000a", "shop-aaaaaa.eu.example.com");
        app.metadata.generation = Some(2);
        app.status = serde_json::from_value(json!({
            "replicas": 1, "readyReplicas": 0, "version": "0.9",
            "conditions": [{"type": "Ready", "status": "False", "reason": "ImagePullFailed", "observedGeneration": 1,
                "message": "there is no image 1", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
        }))
        .unwrap();
        app
    }

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-01-01T00:05:00Z")
            .unwrap()
            .to_utc()
    }

    #[test]
    fn the_overview_has_a_row_for_each_app_and_why_it_is_not_ready() {
        let text = overview(&[a_failing_app()], now());
        let row = text.lines().nth(1).unwrap();
        for cell in [
            "app-01k0000000000000000000000a",
            "eu",
            "dev",
            "0/1",
            "False",
            "ImagePullFailed",
            "0.9",
        ] {
            assert!(row.contains(cell), "{cell} in {row}");
        }
        assert_eq!(overview(&[], now()), "There are no Apps here.\n");
    }

    #[test]
    fn the_overview_says_of_an_app_that_serves_that_a_person_is_needed() {
        let mut app = a_failing_app();
        let status = &mut app.status;
        let mut degraded = status.conditions[0].clone();
        status.conditions[0].status = "True".to_owned();
        status.conditions[0].reason = "Serving".to_owned();
        degraded.type_ = "Degraded".to_owned();
        degraded.status = "True".to_owned();
        degraded.reason = "InvalidSpec".to_owned();
        status.conditions.push(degraded);
        let text = overview(&[app.clone()], now());
        assert!(text.contains("Serving   InvalidSpec"), "{text}");
        app.status.conditions[1].status = "False".to_owned();
        let text = overview(&[app], now());
        assert!(!text.contains("InvalidSpec"), "{text}");
    }

    #[test]
    fn a_condition_about_an_older_spec_says_so() {
        let text = conditions(&a_failing_app(), now());
        assert!(text.contains("5m"), "{text}");
        assert!(
            text.contains("there is no image 1 (about an older spec)"),
            "{text}"
        );
    }

    #[test]
    fn an_app_whose_spec_cannot_be_read_is_shown_by_what_else_is_known() {
        let mut app = a_failing_app();
        app.spec = Err("no such engine".to_owned());
        for text in [overview(std::slice::from_ref(&app), now()), head(&app)] {
            assert!(
                text.contains("no such engine") && text.contains("ImagePullFailed"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_head_says_who_suspended_the_app() {
        let mut app = a_failing_app();
        app.metadata.annotations = Some(
            [(
                "apps.slipway.dev/suspended-by-ops".to_owned(),
                "phishing".to_owned(),
            )]
            .into(),
        );
        assert!(head(&app).contains("by kubectl: phishing"), "{}", head(&app));
    }
}
