//! The real server on a random port.

use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use control_plane::{
    config::Config,
    regions::{Region, RegionDriver},
    startup::{self, Handle, Surroundings},
    workers::Drivers,
};
use ids::{ManualClock, SystemIds};
use serde_json::json;
use sqlx::PgPool;
use test_kit::PostgresDatabase;

use super::{NotingDriver, Person, person::Answer};

/// When every test begins.
fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2027, 3, 10, 12, 0, 0).unwrap()
}

/// A control plane of its own.
pub struct Server {
    pub base: String,
    pub clock: Arc<ManualClock>,
    /// The region eu, where the tests' apps are.
    pub driver: Arc<NotingDriver>,
    /// The region na.
    pub na: Arc<NotingDriver>,
    pub pool: PgPool,
    pub http: reqwest::Client,
    _handle: Handle,
    _database: PostgresDatabase,
}

impl Server {
    /// With limits nobody reaches by accident.
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// With further settings, in TOML with dotted keys.
    pub async fn start_with(settings: &str) -> Self {
        let database = test_kit::postgres().await;
        let config = Config::from_toml(&toml(database.url(), settings)).unwrap();
        let clock = Arc::new(ManualClock::new(noon()));
        let (driver, na) = (
            Arc::new(NotingDriver::default()),
            Arc::new(NotingDriver::default()),
        );
        let drivers = Drivers::from([
            (Region::Eu, driver.clone() as Arc<dyn RegionDriver>),
            (Region::Na, na.clone()),
        ]);
        let surroundings = Surroundings {
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
        };
        let handle = startup::serve_in(config, drivers, surroundings).await.unwrap();
        Self {
            base: format!("http://{}", handle.addr()),
            clock,
            driver,
            na,
            pool: database.pool().await,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            _handle: handle,
            _database: database,
        }
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Person {
        Person::nobody(self)
    }

    /// Signs a person up, with an organization of their own.
    pub async fn person(&self, name: &str) -> Person {
        let nobody = self.nobody();
        let answer = nobody.sign_up(&format!("{name}@example.com")).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        nobody.signed_in(&answer)
    }

    /// Makes bob a member of the organization whose app is the only one, or gives him another role there.
    pub async fn bob_becomes(&self, role: &str) {
        sqlx::query(
            "INSERT INTO memberships (organization_id, account_id, role, created_at)
            SELECT apps.organization_id, accounts.id, $1, now()
            FROM apps, accounts
            WHERE accounts.email = 'bob@example.com'
            ON CONFLICT (organization_id, account_id) DO UPDATE SET role = excluded.role",
        )
        .bind(role)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// Changes the app's row while `request`, whose row of it is older, waits for it; returns the answer to that.
    pub async fn meanwhile(
        &self,
        id: &str,
        change: &'static str,
        request: impl Future<Output = Answer> + Send + 'static,
    ) -> Answer {
        let mut tx = self.pool.begin().await.unwrap();
        let lock = sqlx::query("SELECT FROM apps WHERE id = $1 FOR UPDATE").bind(id);
        lock.execute(&mut *tx).await.unwrap();
        let request = tokio::spawn(request);
        let patience = std::time::Duration::from_secs(10);
        test_kit::wait_until(patience, "the request waits for the row", async || {
            let waiting = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let waiting = sqlx::query_scalar::<_, i64>(waiting).fetch_one(&self.pool).await;
            waiting.unwrap() > 0
        })
        .await;
        sqlx::query(change).bind(id).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        request.await.unwrap()
    }

    /// Waits until the app is what the region was asked for.
    pub async fn until_status(&self, person: &Person, app: &str, status: &str) -> Answer {
        let path = format!("/api/v1/apps/{app}");
        let mut last = None;
        test_kit::wait_until(
            std::time::Duration::from_secs(10),
            &format!("{app} is {status}"),
            async || {
                let answer = person.get(&path).await;
                let reached = answer.json["app"]["status"] == status;
                last = Some(answer);
                reached
            },
        )
        .await;
        last.unwrap()
    }
}

fn toml(url: &str, settings: &str) -> String {
    let defaults = [
        ("database.url", json!(url)),
        ("database.max_connections", json!(10)),
        (
            "secrets.kek",
            json!("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ),
        ("local.mongodb_uri", json!("mongodb://unused")),
        ("server.port", json!(0)),
        ("server.workers", json!(2)),
        ("limits.signups_per_minute", json!(10_000)),
        ("limits.logins_per_minute", json!(10_000)),
        ("limits.reveals_per_minute", json!(10_000)),
    ];
    let kept = defaults.iter().filter(|(key, _)| !settings.contains(key));
    let lines: String = kept.map(|(key, value)| format!("{key} = {value}\n")).collect();
    lines + settings
}
