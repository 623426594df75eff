//! The reconciler with a real database and a region that does as the test says.
#![allow(clippy::unwrap_used)]

mod local_support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine;
use chrono::TimeDelta;
use control_plane::config::Config;
use control_plane::regions::{
    DesiredApp, DesiredState, ObservedApp, ObservedState, Purge, Region, RegionDriver, RegionError,
};
use control_plane::startup::{self, Handle, Surroundings};
use control_plane::workers::Drivers;
use ids::{Clock, ManualClock, SystemClock, SystemIds};
use local_support::PATIENCE;
use local_support::api::Person;
use reqwest::Method;
use serde_json::json;
use test_kit::PostgresDatabase;

/// A region without processes: apps named in a list misbehave.
#[derive(Default)]
struct Scripted {
    calls: Mutex<HashMap<String, Vec<DesiredState>>>,
    purged: Mutex<Vec<String>>,
}

impl Scripted {
    fn calls(&self, name: &str) -> Vec<DesiredState> {
        self.calls.lock().unwrap().get(name).cloned().unwrap_or_default()
    }
}

#[async_trait]
impl RegionDriver for Scripted {
    async fn ready(&self) -> Result<(), RegionError> {
        Ok(())
    }

    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        self.calls
            .lock()
            .unwrap()
            .entry(desired.name.clone())
            .or_default()
            .push(desired.state);
        match desired.name.as_str() {
            "Broken" => return Err(RegionError::NotReady("The moon is in the way.".to_owned())),
            "Stuck" => std::future::pending().await,
            "Panics" => panic!("a bug in the driver"),
            _ => {}
        }
        let (state, url) = match desired.state {
            DesiredState::Running => (ObservedState::Ready, Some("http://127.0.0.1:1/parse".to_owned())),
            _ => (ObservedState::Stopped, None),
        };
        Ok(ObservedApp {
            id: desired.id,
            generation: desired.generation,
            state,
            serves: Some(state == ObservedState::Ready),
            url,
            message: None,
        })
    }

    async fn purge(&self, desired: &DesiredApp) -> Result<Purge, RegionError> {
        self.purged.lock().unwrap().push(desired.name.clone());
        Ok(Purge::Done)
    }

    async fn shutdown(&self) -> bool {
        true
    }
}

struct World {
    database: PostgresDatabase,
    driver: Arc<Scripted>,
    clock: Arc<ManualClock>,
    handle: Handle,
    person: Person,
}

async fn world() -> World {
    let database = test_kit::postgres().await;
    let kek = base64::engine::general_purpose::STANDARD.encode([7; 32]);
    let config = Config::from_toml(&format!(
        "[server]\nport = 0\nworkers = 1\n[database]\nurl = \"{}\"\n[secrets]\nkek = \"{kek}\"\n\
         [local]\nmongodb_uri = \"mongodb://127.0.0.1:9\"\n",
        database.url()
    ));
    let driver = Arc::new(Scripted::default());
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let surroundings = Surroundings {
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
    };
    let drivers = Drivers::from([(Region::Eu, driver.clone() as Arc<dyn RegionDriver>)]);
    let handle = startup::serve_in(config.unwrap(), drivers, surroundings)
        .await
        .unwrap();
    let person = Person::sign_up(&format!("http://{}", handle.addr())).await;
    World {
        database,
        driver,
        clock,
        handle,
        person,
    }
}

#[tokio::test]
async fn apps_that_fail_hang_or_panic_do_not_hold_up_the_others() {
    let world = world().await;
    let broken = world.person.create_app("Broken").await;
    world.person.create_app("Stuck").await;
    world.person.create_app("Panics").await;
    let fine = world.person.create_app("Fine").await;
    world.person.until_status(&fine, "ready").await;
    let failing = world.person.until_status(&broken, "failing").await;
    assert_eq!(failing["status_message"], "The moon is in the way.");
    let deleted = world
        .person
        .send(Method::DELETE, &format!("/apps/{fine}"), None)
        .await;
    assert!(deleted.0.is_success());
    test_kit::wait_until(PATIENCE, "the deletion is applied", async || {
        world.driver.calls("Fine").contains(&DesiredState::Deleted)
    })
    .await;
}

#[tokio::test]
async fn app_whose_secrets_do_not_open_fails_alone_and_recovers() {
    let world = world().await;
    let (damaged, fine) = (
        world.person.create_app("Damaged").await,
        world.person.create_app("Fine").await,
    );
    world.person.until_status(&damaged, "ready").await;
    let pool = world.database.pool().await;
    let overwrite = async |bytes: &str| {
        let sql = "UPDATE app_secrets SET sealed = overlay(sealed PLACING decode($1, 'hex') FROM 1 FOR 2)
            FROM (SELECT app_id, kind, encode(substr(sealed, 1, 2), 'hex') AS before FROM app_secrets) AS old
            WHERE app_secrets.app_id = $2 AND app_secrets.kind = 'rest_key'
              AND old.app_id = app_secrets.app_id AND old.kind = app_secrets.kind
            RETURNING old.before";
        let before = sqlx::query_scalar::<_, String>(sql).bind(bytes).bind(&damaged);
        before.fetch_one(&pool).await.unwrap()
    };
    let before = overwrite("0000").await;
    let failing = world.person.until_status(&damaged, "failing").await;
    let message = failing["status_message"].as_str().unwrap();
    assert!(
        message.contains("restore the app's rows of app_secrets"),
        "{message}"
    );

    let rename = Some(json!({ "name": "Renamed" }));
    let renamed = world
        .person
        .send(Method::PATCH, &format!("/apps/{fine}"), rename)
        .await;
    assert!(renamed.0.is_success(), "{}", renamed.1);
    world.person.until_status(&fine, "ready").await;
    assert!(!world.driver.calls("Renamed").is_empty());

    overwrite(&before).await;
    world.person.until_status(&damaged, "ready").await;
}

#[tokio::test]
async fn app_is_purged_when_its_undo_window_is_over_and_not_before() {
    let world = world().await;
    let id = world.person.create_app("Notes").await;
    world.person.until_status(&id, "ready").await;
    world
        .person
        .send(Method::DELETE, &format!("/apps/{id}"), None)
        .await;
    test_kit::wait_until(PATIENCE, "the app is stopped", async || {
        world.driver.calls("Notes").contains(&DesiredState::Deleted)
    })
    .await;
    let undeleted = world
        .person
        .send(Method::POST, &format!("/apps/{id}/undelete"), None)
        .await;
    assert!(undeleted.0.is_success(), "{}", undeleted.1);
    world.person.until_status(&id, "ready").await;
    world
        .person
        .send(Method::DELETE, &format!("/apps/{id}"), None)
        .await;
    world.clock.advance(TimeDelta::days(13));
    let looks = world.driver.calls("Notes").len();
    test_kit::wait_until(PATIENCE, "it was looked at again", async || {
        world.driver.calls("Notes").len() > looks + 1
    })
    .await;
    assert!(world.driver.purged.lock().unwrap().is_empty());

    world.clock.advance(TimeDelta::days(2));
    let pool = world.database.pool().await;
    test_kit::wait_until(PATIENCE, "the row is marked", async || {
        let marked = sqlx::query_scalar::<_, bool>("SELECT purged_at IS NOT NULL FROM apps")
            .fetch_one(&pool)
            .await;
        marked.unwrap()
    })
    .await;
    assert_eq!(*world.driver.purged.lock().unwrap(), ["Notes"]);
}

#[tokio::test]
async fn stop_ends_the_workers_without_stopping_the_apps() {
    let world = world().await;
    let id = world.person.create_app("Notes").await;
    world.person.until_status(&id, "ready").await;
    world.handle.stop().await;
    assert!(
        world
            .driver
            .calls("Notes")
            .iter()
            .all(|state| *state == DesiredState::Running)
    );
}

#[tokio::test]
async fn observation_is_written_once_and_not_at_every_look() {
    let world = world().await;
    let id = world.person.create_app("Notes").await;
    world.person.until_status(&id, "ready").await;
    let pool = world.database.pool().await;
    let version = async || {
        let row = sqlx::query_scalar::<_, String>("SELECT xmin::text FROM apps").fetch_one(&pool);
        row.await.unwrap()
    };
    let (written, looks) = (version().await, world.driver.calls("Notes").len());
    test_kit::wait_until(PATIENCE, "it was looked at twice more", async || {
        world.driver.calls("Notes").len() > looks + 2
    })
    .await;
    assert_eq!(version().await, written);
    let renamed = world
        .person
        .send(
            Method::PATCH,
            &format!("/apps/{id}"),
            Some(json!({ "name": "Memos" })),
        )
        .await;
    assert!(renamed.0.is_success(), "{}", renamed.1);
    test_kit::wait_until(PATIENCE, "the new generation is observed", async || {
        let behind = "SELECT generation - observed_generation FROM apps";
        sqlx::query_scalar::<_, i64>(behind)
            .fetch_one(&pool)
            .await
            .unwrap()
            == 0
    })
    .await;
}
