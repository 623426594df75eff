//! Drops the data of an app whose undo window is over. There is no way back from here.

use crate::regions::{DesiredApp, ObservedApp, ObservedState, RegionDriver, RegionError};

/// Purges one app. The row is marked only afterwards, so a crash in between repeats the purge.
pub async fn app(driver: &dyn RegionDriver, app: &DesiredApp) -> Result<ObservedApp, RegionError> {
    driver.purge(app).await?;
    tracing::info!(app.id = %app.id, region = %app.region, "undo window over, data dropped");
    let (id, generation) = (app.id, app.generation);
    Ok(ObservedApp {
        id,
        generation,
        state: ObservedState::Purged,
        url: None,
        message: None,
    })
}
