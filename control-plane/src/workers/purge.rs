//! Drops the data of an app whose undo window is over. There is no way back from here.

use super::Context;
use crate::{
    regions::{DesiredApp, ObservedApp, ObservedState, Purge, RegionDriver, RegionError},
    store,
};

/// Purges one app, or moves its purge on; `None` when its deletion was taken back meanwhile. The row says that the
/// purge begins before it does, and that it is done only afterwards: a crash in between repeats it.
pub async fn app(
    context: &Context,
    driver: &dyn RegionDriver,
    app: &DesiredApp,
) -> Result<Option<ObservedApp>, RegionError> {
    let now = context.clock.now();
    let begun = store::desired::begin_purge(&context.pool, app.id, now).await;
    let begun = begun.map_err(|error| {
        RegionError::NotReady(format!(
            "The purge could not be written down, so it waits: {error}"
        ))
    })?;
    if !begun {
        return Ok(None);
    }
    let state = match driver.purge(app).await? {
        Purge::Done => ObservedState::Purged,
        Purge::UnderWay => ObservedState::Stopped,
    };
    if state == ObservedState::Purged {
        tracing::info!(app.id = %app.id, region = %app.region, "undo window over, data dropped");
    }
    let (id, generation) = (app.id, app.generation);
    Ok(Some(ObservedApp {
        id,
        generation,
        state,
        serves: Some(false),
        url: None,
        message: None,
    }))
}
