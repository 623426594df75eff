//! Two control planes of different releases on one database: one works on a region at a time.
#![allow(clippy::unwrap_used)]

#[path = "local_support/api.rs"]
mod api;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::Person;
use async_trait::async_trait;
use base64::Engine;
use control_plane::config::Config;
use control_plane::regions::{
    DesiredApp, ObservedApp, ObservedState, Purge, Region, RegionDriver, RegionError,
};
use control_plane::startup::{self, Handle};
use control_plane::workers::Drivers;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;
use test_kit::PostgresDatabase;

const PATIENCE: Duration = Duration::from_secs(20);

/// Who applied what: the release and the app's generation, in order.
type Log = Arc<Mutex<Vec<(&'static str, i64)>>>;

/// A region as one release drives it.
struct Release {
    version: &'static str,
    log: Log,
}

#[async_trait]
impl RegionDriver for Release {
    async fn ready(&self) -> Result<(), RegionError> {
        Ok(())
    }

    async fn reconcile(&self, desired: &DesiredApp) -> Result<ObservedApp, RegionError> {
        self.log.lock().unwrap().push((self.version, desired.generation));
        Ok(ObservedApp {
            id: desired.id,
            generation: desired.generation,
            state: ObservedState::Ready,
            serves: Some(true),
            url: None,
            message: None,
        })
    }

    async fn purge(&self, _: &DesiredApp) -> Result<Purge, RegionError> {
        Ok(Purge::Done)
    }

    async fn shutdown(&self) -> bool {
        false
    }
}

struct World {
    database: PostgresDatabase,
    log: Log,
}

impl World {
    async fn new() -> Self {
        let (database, log) = (test_kit::postgres().await, Log::default());
        Self { database, log }
    }

    /// Starts a control plane of that release.
    async fn start(&self, version: &'static str) -> Handle {
        let kek = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        let config = Config::from_toml(&format!(
            "[server]\nport = 0\nworkers = 1\n[database]\nurl = \"{}\"\n[secrets]\nkek = \"{kek}\"\n\
             [local]\nmongodb_uri = \"mongodb://127.0.0.1:9\"\n",
            self.database.url()
        ));
        let log = self.log.clone();
        let driver: Arc<dyn RegionDriver> = Arc::new(Release { version, log });
        let drivers = Drivers::from([(Region::Eu, driver)]);
        startup::serve(config.unwrap(), drivers).await.unwrap()
    }

    /// Forgets what was applied until now.
    fn forget(&self) {
        self.log.lock().unwrap().clear();
    }

    /// Waits until the region was looked at so often since, and says by whom.
    async fn workers(&self, looks: usize) -> Vec<&'static str> {
        test_kit::wait_until(PATIENCE, "the region is looked at", async || {
            self.log.lock().unwrap().len() >= looks
        })
        .await;
        let mut releases: Vec<_> = self.log.lock().unwrap().iter().map(|entry| entry.0).collect();
        releases.dedup();
        releases
    }
}

async fn rename(person: &Person, app: &str, name: &str) {
    let body = Some(json!({ "name": name }));
    let answer = person.send(Method::PATCH, &format!("/apps/{app}"), body).await;
    assert!(answer.0.is_success(), "{}", answer.1);
}

/// Ends the sessions that hold a lock of a region, as a failover of PostgreSQL would.
async fn end_turn(pool: &PgPool) {
    let sql = "SELECT count(pg_terminate_backend(pid))
        FROM pg_locks
        WHERE locktype = 'advisory'
          AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let ended = sqlx::query_scalar::<_, i64>(sql).fetch_one(pool).await.unwrap();
    assert_eq!(ended, 1, "one session has the turn");
}

#[tokio::test]
async fn the_old_release_works_until_it_stops_and_then_the_new_one() {
    let world = World::new().await;
    let old = world.start("old").await;
    let person = Person::sign_up(&format!("http://{}", old.addr())).await;
    let app = person.create_app("Notes").await;
    person.until_status(&app, "ready").await;

    let new = world.start("new").await;
    let there = Person::log_in(&format!("http://{}", new.addr())).await;
    world.forget();
    assert_eq!(world.workers(4).await, ["old"]);
    rename(&there, &app, "Memos").await;
    there.until_status(&app, "ready").await;
    assert_eq!(
        world.workers(4).await,
        ["old"],
        "what the new one was asked for, the old one does"
    );

    old.stop().await;
    world.forget();
    assert_eq!(world.workers(2).await, ["new"]);
    rename(&there, &app, "Journal").await;
    there.until_status(&app, "ready").await;
    new.stop().await;
}

#[tokio::test]
async fn a_turn_that_is_lost_with_its_connection_is_taken_once_again() {
    let world = World::new().await;
    let (one, other) = (world.start("one").await, world.start("other").await);
    let person = Person::sign_up(&format!("http://{}", one.addr())).await;
    let app = person.create_app("Notes").await;
    person.until_status(&app, "ready").await;
    let pool = world.database.pool().await;
    for name in ["Memos", "Journal"] {
        end_turn(&pool).await;
        rename(&person, &app, name).await;
        person.until_status(&app, "ready").await;
        test_kit::wait_until(PATIENCE, "whoever lost the turn has noticed", async || {
            world.forget();
            world.workers(4).await.len() == 1
        })
        .await;
        world.forget();
        assert_eq!(world.workers(8).await.len(), 1, "one works, not both");
    }
    one.stop().await;
    other.stop().await;
}
