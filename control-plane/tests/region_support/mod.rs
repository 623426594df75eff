//! What the tests of every region driver need, whatever the region is made of.
#![allow(dead_code, reason = "not every test binary does everything")]

use std::time::Duration;

use control_plane::regions::{
    AppKeys, DesiredApp, DesiredState, ObservedApp, ObservedState, OwnerSettings, Region, RegionDriver,
    Sizing,
};
use ids::{AppId, SystemIds};
use secrecy::SecretString;

/// How long a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A new app that should run.
pub fn new_app(region: Region) -> DesiredApp {
    let id = AppId::new(&SystemIds);
    let secret = |kind: &str| SecretString::from(format!("{kind}_{}", id.bare()));
    DesiredApp {
        id,
        region,
        application_id: format!("notes-{}", &id.bare()[20..]),
        name: "Notes".to_owned(),
        generation: 1,
        observed_generation: 0,
        state: DesiredState::Running,
        keys: AppKeys {
            client: secret("ck"),
            javascript: secret("js"),
            rest: secret("rest"),
            master: secret("master"),
        },
        database_password: secret("password"),
        usage_token: secret("usage"),
        stage: "building".to_owned(),
        settings: OwnerSettings::default(),
        sizing: Sizing::default(),
        suspended: None,
    }
}

/// Reconciles until the app is `state`, as the worker would.
pub async fn until(driver: &impl RegionDriver, app: &DesiredApp, state: ObservedState) -> ObservedApp {
    until_seeing(driver, app, state, |_| ()).await
}

/// The same, with every look before that shown.
pub async fn until_seeing(
    driver: &impl RegionDriver,
    app: &DesiredApp,
    state: ObservedState,
    mut show: impl FnMut(&ObservedApp),
) -> ObservedApp {
    let mut last = None;
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let seen = driver.reconcile(app).await;
        match &seen {
            Ok(seen) if seen.state == state => return seen.clone(),
            Ok(seen) => show(seen),
            Err(_) => {}
        }
        assert!(
            tokio::time::Instant::now() < end,
            "not {state:?} but {seen:?}, before that {last:?}"
        );
        last = Some(seen);
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
