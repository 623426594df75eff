//! Waits until the operator has done what was asked for.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use slipway_operator::app_object::AppObject;
use tokio::time::Instant;

use crate::client::Cluster;
use crate::error::Error;

pub const PATIENCE: Duration = Duration::from_secs(180);
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks at the App until `done`.
pub async fn until(
    cluster: &Cluster,
    app: &AppObject,
    done: impl Fn(&AppObject) -> bool,
) -> Result<AppObject, Error> {
    let name = app.name();
    let api = cluster.apps_beside(app);
    let end = Instant::now() + PATIENCE;
    loop {
        let app = api
            .get(name)
            .await
            .map_err(Error::cluster(format!("reading {name}")))?;
        if done(&app) {
            return Ok(app);
        }
        if Instant::now() > end {
            return Err(Error::TimedOut {
                app: name.to_owned(),
                seconds: PATIENCE.as_secs(),
                state: summary(&app),
            });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// A condition of the App.
pub fn condition<'a>(app: &'a AppObject, kind: &str) -> Option<&'a Condition> {
    let conditions = &app.status.conditions;
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Whether a condition is "True".
pub fn is(app: &AppObject, kind: &str) -> bool {
    condition(app, kind).is_some_and(|condition| condition.status == "True")
}

/// What the App's condition Ready says.
pub fn summary(app: &AppObject) -> String {
    match condition(app, app_crd::condition::READY) {
        Some(ready) if ready.message.is_empty() => format!("Ready is {} ({})", ready.status, ready.reason),
        Some(ready) => format!("Ready is {} ({}: {})", ready.status, ready.reason, ready.message),
        None => "the operator has not looked at it yet".to_owned(),
    }
}
