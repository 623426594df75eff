//! `suspend` and `resume`: by people, beside whatever the control plane wants.

use std::io::Write;

use app_crd::names::annotation::SUSPENDED_BY_OPS;
use app_crd::{App, condition};

use crate::client::Cluster;
use crate::error::Error;
use crate::find::{self, name_of};
use crate::{patch, wait};

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
        writeln!(output, "{} will be suspended.", name_of(&app))?;
        return Ok(());
    }
    let app = wait::until(cluster, &app, is_down).await?;
    writeln!(output, "{} is suspended: its hosts answer 402.", name_of(&app))?;
    Ok(())
}

pub async fn resume(
    cluster: &Cluster,
    app: &str,
    waiting: bool,
    output: &mut impl Write,
) -> Result<(), Error> {
    let app = find::app(cluster, app).await?;
    if by_ops(&app).is_none() && app.spec.suspended.is_none() {
        writeln!(output, "{} is not suspended.", name_of(&app))?;
        return Ok(());
    }
    let app = patch::annotate(cluster, &app, SUSPENDED_BY_OPS, None).await?;
    if let Some(suspension) = &app.spec.suspended {
        let reason = suspension.reason.as_str();
        return Err(Error::Refused(format!(
            "{} is suspended by the control plane ({reason}), which alone can lift that",
            name_of(&app)
        )));
    }
    if !waiting {
        writeln!(output, "{} will be resumed.", name_of(&app))?;
        return Ok(());
    }
    let app = wait::until(cluster, &app, is_up).await?;
    writeln!(output, "{} serves again.", name_of(&app))?;
    Ok(())
}

/// The reason of a suspension by people.
pub fn by_ops(app: &App) -> Option<&str> {
    let annotations = app.metadata.annotations.as_ref()?;
    annotations.get(SUSPENDED_BY_OPS).map(String::as_str)
}

fn is_down(app: &App) -> bool {
    let replicas = app.status.as_ref().map_or(0, |status| status.replicas);
    wait::is(app, condition::SUSPENDED) && replicas == 0
}

fn is_up(app: &App) -> bool {
    !wait::is(app, condition::SUSPENDED) && wait::is(app, condition::READY)
}
