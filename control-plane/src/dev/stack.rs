//! Everything `slipway dev` runs, in the order it is started; it ends the other way round.

use sqlx::PgPool;
use tokio::time::Instant;

use super::error::DevError;
use super::folder::DataFolder;
use super::mongodb::Mongo;
use super::postgres::Postgres;
use super::secrets::DevSecrets;
use super::service::Supervised;
use super::tools::Tools;
use super::{say, settings};
use crate::config::Config;
use crate::error::chain;
use crate::startup;
use crate::store;
use crate::workers::Drivers;

/// What has been started so far.
pub struct Stack {
    folder: DataFolder,
    tools: Tools,
    port: u16,
    postgres: Option<Supervised>,
    mongo: Option<Supervised>,
    drivers: Drivers,
    control_plane: Option<startup::Handle>,
}

impl Stack {
    pub fn new(folder: DataFolder, tools: Tools, port: u16) -> Self {
        let drivers = Drivers::new();
        Self {
            folder,
            tools,
            port,
            postgres: None,
            mongo: None,
            drivers,
            control_plane: None,
        }
    }

    /// Starts what is missing. Whatever interrupts it, [`Stack::stop`] ends what was started.
    pub async fn start(&mut self) -> Result<(), DevError> {
        let secrets = DevSecrets::load(&self.folder)?;
        let postgres = self.start_postgres(&secrets).await?;
        let mongo = self.start_mongo(&secrets).await?;
        let mut config = settings::load(&self.folder, self.port, &secrets, &postgres, &mongo)?;
        config.local.runtime = self.tools.runtime.clone();
        self.make_drivers(&config).await?;
        self.start_control_plane(config).await
    }

    /// Where the console is.
    pub fn console_url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Resolves when the control plane ended by itself, which it should not.
    pub async fn control_plane_ended(&mut self) {
        match &mut self.control_plane {
            Some(handle) => handle.ended().await,
            None => std::future::pending().await,
        }
    }

    async fn start_postgres(&mut self, secrets: &DevSecrets) -> Result<Postgres, DevError> {
        let since = Instant::now();
        let preparing = Postgres::prepare(&self.folder, &self.tools, &secrets.postgres_password);
        let postgres = say::patiently("PostgreSQL is making a new database", preparing).await?;
        let server = self
            .postgres
            .insert(Supervised::start(postgres.service(&self.folder))?);
        let version = say::patiently("PostgreSQL is starting", postgres.until_ready(server)).await?;
        let how = how(server);
        say::done(
            format_args!("PostgreSQL {version} {how} on 127.0.0.1:{}", postgres.port),
            since,
        );
        Ok(postgres)
    }

    async fn start_mongo(&mut self, secrets: &DevSecrets) -> Result<Mongo, DevError> {
        let since = Instant::now();
        let mongo = Mongo::prepare(&self.folder, self.tools.mongod.clone(), &secrets.mongo_password)?;
        let server = self.mongo.insert(Supervised::start(mongo.service(&self.folder))?);
        let version = say::patiently("MongoDB is starting", mongo.until_ready(server)).await?;
        say::done(
            format_args!("MongoDB {version} {} on 127.0.0.1:{}", how(server), mongo.port),
            since,
        );
        Ok(mongo)
    }

    async fn make_drivers(&mut self, config: &Config) -> Result<(), DevError> {
        let made = startup::drivers(config).await;
        self.drivers = made.map_err(|error| DevError::ControlPlane(chain(&error)))?;
        Ok(())
    }

    async fn start_control_plane(&mut self, config: Config) -> Result<(), DevError> {
        let since = Instant::now();
        let starting = startup::serve(config, self.drivers.clone());
        let handle = say::patiently("The control plane is starting", starting).await;
        let handle = handle.map_err(|error| DevError::ControlPlane(chain(&error)))?;
        say::done(format_args!("Control plane ready on {}", handle.addr()), since);
        self.control_plane = Some(handle);
        Ok(())
    }

    /// Ends everything in order: first who takes requests, last who keeps the data.
    pub async fn stop(&mut self) {
        let mut database = None;
        if let Some(handle) = self.control_plane.take() {
            say::doing("Stopping the control plane");
            database = Some(handle.stop_but_database().await);
        }
        if !self.drivers.is_empty() {
            say::doing("Stopping the apps");
            self.stop_apps(database.as_ref()).await;
        }
        if let Some(database) = database {
            database.close().await;
        }
        for server in [&mut self.mongo, &mut self.postgres] {
            // Kept until it has ended: a second Ctrl-C must still find it.
            if let Some(running) = server {
                say::doing(format_args!("Stopping {}", running.name()));
                running.stop().await;
            }
            *server = None;
        }
    }

    /// Stops what the apps run on. They are said to be restarting from then on, for that is what the next start does.
    async fn stop_apps(&mut self, database: Option<&PgPool>) {
        for (region, driver) in std::mem::take(&mut self.drivers) {
            let stopped = driver.shutdown().await;
            let Some(database) = database.filter(|_| stopped) else {
                continue;
            };
            if let Err(error) = store::desired::record_stopped(database, region).await {
                tracing::warn!(%region, %error, "the stop of the apps could not be written down");
            }
        }
    }

    /// Ends everything at once.
    pub async fn force(&mut self) {
        say::trouble("Ending everything at once");
        super::apps::kill_all(&self.folder);
        for mut running in [self.mongo.take(), self.postgres.take()].into_iter().flatten() {
            running.force().await;
        }
    }
}

fn how(server: &Supervised) -> &'static str {
    if server.is_adopted() {
        "was still running"
    } else {
        "ready"
    }
}
