//! `suspend` and `resume`: by people, beside whatever the control plane wants.

use std::io::Write;

use app_crd::condition;
use app_crd::names::annotation::SUSPENDED_BY_OPS;
use slipway_operator::app_object::AppObject;

use crate::client::Cluster;
use crate::error::Error;
use crate::{find, patch, wait};

pub async fn suspend(
    cluster: &Cluster,
    app: &str,
    reason: &str,
    waiting: bool,
    output: &mut impl Write,
) -> Result<(), Error> {
    let app = find::app(cluster, app).await?;
    let app = patch::annotate(cluster, &app, SUSPENDED_BY_OPS, Some(reason)).await?;
    if !waiting {
        writeln!(output, "{} will be suspended.", app.name())?;
        return Ok(());
    }
    let app = wait::until(cluster, &app, is_down).await?;
    writeln!(output, "{} is suspended: its hosts answer 402.", app.name())?;
    Ok(())
}

pub async fn resume(
    cluster: &Cluster,
    app: &str,
    waiting: bool,
    output: &mut impl Write,
) -> Result<(), Error> {
    let app = find::app(cluster, app).await?;
    if by_ops(&app).is_none() && app.suspension().is_none() {
        writeln!(output, "{} is not suspended.", app.name())?;
        return Ok(());
    }
    let app = patch::annotate(cluster, &app, SUSPENDED_BY_OPS, None).await?;
    if let Some(reason) = app.suspension() {
        let reason = reason.as_str();
        return Err(Error::Refused(format!(
            "{} is suspended by the control plane ({reason}), which alone can lift that",
            app.name()
        )));
    }
    if let Err(error) = &app.spec {
        return Err(Error::Refused(format!(
            "{} is held no more, but stays as it is until its spec is corrected: {}",
            app.name(),
            find::unreadable(error)
        )));
    }
    if !waiting {
        writeln!(output, "{} will be resumed.", app.name())?;
        return Ok(());
    }
    let app = wait::until(cluster, &app, is_up).await?;
    writeln!(output, "{} serves again.", app.name())?;
    Ok(())
}

/// The reason of a suspension by people.
pub fn by_ops(app: &AppObject) -> Option<&str> {
    app.annotation(SUSPENDED_BY_OPS)
}

fn is_down(app: &AppObject) -> bool {
    wait::is(app, condition::SUSPENDED) && app.status.replicas == 0
}

fn is_up(app: &AppObject) -> bool {
    !wait::is(app, condition::SUSPENDED) && wait::is(app, condition::READY)
}
