//! Waits until the operator has done what was asked for.

use std::time::Duration;

use app_crd::App;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use tokio::time::Instant;

use crate::client::Cluster;
use crate::error::Error;
use crate::find::name_of;

pub const PATIENCE: Duration = Duration::from_secs(180);
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks at the App until `done`.
pub async fn until(cluster: &Cluster, app: &App, done: impl Fn(&App) -> bool) -> Result<App, Error> {
    let name = name_of(app);
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
pub fn condition<'a>(app: &'a App, kind: &str) -> Option<&'a Condition> {
    let conditions = app.status.as_ref().map(|status| status.conditions.as_slice());
    conditions
        .unwrap_or_default()
        .iter()
        .find(|condition| condition.type_ == kind)
}

/// Whether a condition is "True".
pub fn is(app: &App, kind: &str) -> bool {
    condition(app, kind).is_some_and(|condition| condition.status == "True")
}

/// What the App's condition Ready says.
pub fn summary(app: &App) -> String {
    match condition(app, app_crd::condition::READY) {
        Some(ready) if ready.message.is_empty() => format!("Ready is {} ({})", ready.status, ready.reason),
        Some(ready) => format!("Ready is {} ({}: {})", ready.status, ready.reason, ready.message),
        None => "the operator has not looked at it yet".to_owned(),
    }
}
