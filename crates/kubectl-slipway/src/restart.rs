//! `restart`: new pods, one after the other.

use std::io::Write;

use app_crd::condition;
use app_crd::names::annotation::RESTARTED_AT;
use chrono::SecondsFormat;
use ids::{Clock, SystemClock};
use serde_json::Value;
use slipway_operator::app_object::AppObject;
use slipway_operator::build::Kind;
use tokio::time::Instant;

use crate::client::Cluster;
use crate::error::Error;
use crate::objects::Line;
use crate::{find, patch, wait};

pub async fn run(cluster: &Cluster, app: &str, waiting: bool, output: &mut impl Write) -> Result<(), Error> {
    let app = find::app(cluster, app).await?;
    // Of one that cannot be read the operator changes nothing.
    find::spec(&app)?;
    if wait::is(&app, condition::SUSPENDED) {
        let name = app.name();
        return Err(Error::Refused(format!(
            "{name} is suspended: there is nothing to restart"
        )));
    }
    let now = SystemClock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let app = patch::annotate(cluster, &app, RESTARTED_AT, Some(&now)).await?;
    if !waiting {
        writeln!(output, "{} will be restarted.", app.name())?;
        return Ok(());
    }
    until_rolled_out(cluster, &app, &now).await?;
    writeln!(output, "{} runs on new pods.", app.name())?;
    Ok(())
}

/// The Deployment has the new pods, all of them and nothing else.
async fn until_rolled_out(cluster: &Cluster, app: &AppObject, now: &str) -> Result<(), Error> {
    let deployments = cluster.objects(Kind::Deployment, Some(app.name()));
    let end = Instant::now() + wait::PATIENCE;
    loop {
        let found = deployments.get_opt(app_crd::names::RUNTIME).await;
        let found = found.map_err(Error::cluster("reading the Deployment"))?;
        let object = found
            .and_then(|object| serde_json::to_value(object).ok())
            .unwrap_or_default();
        let line = Line::of("Deployment", &object);
        if started_at(&object) == Some(now) && line.healthy == Some(true) && !line.state.contains("rolling") {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(Error::TimedOut {
                app: app.name().to_owned(),
                seconds: wait::PATIENCE.as_secs(),
                state: line.state,
            });
        }
        tokio::time::sleep(wait::LOOK_EVERY).await;
    }
}

fn started_at(deployment: &Value) -> Option<&str> {
    let annotations = deployment.pointer("/spec/template/metadata/annotations")?;
    annotations.get(RESTARTED_AT)?.as_str()
}
