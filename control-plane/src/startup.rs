//! Wires configuration, database, routes and workers into a running control plane. `slipway serve`,
//! `slipway dev` and the tests all start this one.

use std::{io, net::SocketAddr, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web::{self, Data, PayloadConfig, ServiceConfig},
};
use futures_util::future::{join_all, try_join_all};
use ids::{Clock, IdSource, SystemClock, SystemIds};
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::rate_limit::RateLimits,
    config::{Config, DatabaseConfig, Driver},
    crypto::{HashError, Passwords},
    error::chain,
    http::{BODY_LIMIT, observe, security_headers},
    metrics::Metrics,
    regions::{
        RegionDriver, RegionError,
        kubernetes::{KubernetesDriver, KubernetesSettings},
        local::{LocalDriver, LocalSettings},
    },
    routes,
    state::AppState,
    store,
    workers::{self, Drivers, WorkerHandle},
};

/// Requests under way get this long to finish at shutdown.
const DRAIN_SECONDS: u64 = 10;
/// How often quiet callers are forgotten by the rate limits.
const FORGET_EVERY: Duration = Duration::from_secs(300);

/// Why the control plane did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    #[error("server.{key}: cannot listen on {address}: {source}")]
    Listen {
        key: &'static str,
        address: SocketAddr,
        source: io::Error,
    },
    #[error("database.url: cannot reach PostgreSQL: {}", chain(.0))]
    Database(sqlx::Error),
    #[error("the database cannot be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("secrets.kek: must be 32 bytes in base64")]
    Kek,
    #[error("passwords cannot be hashed: {0}")]
    Passwords(#[from] HashError),
    #[error("metrics cannot be registered: {0}")]
    Metrics(#[from] prometheus::Error),
    #[error("a region: {0}")]
    Region(#[from] RegionError),
    #[error("the server stopped: {0}")]
    Server(#[from] io::Error),
}

/// What the control plane takes from the outside world; tests hand in their own.
#[derive(Clone)]
pub struct Surroundings {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
        }
    }
}

/// A running control plane.
pub struct Handle {
    addr: SocketAddr,
    reports_addr: Option<SocketAddr>,
    servers: Vec<ServerHandle>,
    serving: JoinHandle<io::Result<()>>,
    workers: WorkerHandle,
    pool: PgPool,
    background: CancellationToken,
}

impl Handle {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it takes apps' reports and answers nothing else.
    pub fn reports_addr(&self) -> Option<SocketAddr> {
        self.reports_addr
    }

    /// Resolves when it ended by itself.
    pub async fn ended(&mut self) {
        if let Ok(Err(error)) = (&mut self.serving).await {
            tracing::error!(%error, "the HTTP server ended");
        }
    }

    /// Stops listening, finishes what is under way, and ends the workers. Runtimes keep serving.
    pub async fn stop(self) {
        self.stop_but_database().await.close().await;
    }

    /// Stops as [`Handle::stop`] does, but leaves the database open for what is still to be written down.
    pub async fn stop_but_database(self) -> PgPool {
        self.background.cancel();
        join_all(self.servers.iter().map(|server| server.stop(true))).await;
        self.workers.stop().await;
        self.pool
    }
}

/// Starts it with the machine's clock and randomness.
pub async fn serve(config: Config, drivers: Drivers) -> Result<Handle, StartupError> {
    serve_in(config, drivers, Surroundings::default()).await
}

/// Starts it: listens first, then migrates, then serves and works.
pub async fn serve_in(
    config: Config,
    drivers: Drivers,
    surroundings: Surroundings,
) -> Result<Handle, StartupError> {
    let listener = listen(&config, "port", config.server.port)?;
    let addr = listener.local_addr()?;
    let port = config.server.reports_port;
    let reports = port
        .map(|port| listen(&config, "reports_port", port))
        .transpose()?;
    let reports_addr = reports.as_ref().map(TcpListener::local_addr).transpose()?;
    let pool = connect(&config.database).await?;
    migrate(&pool).await?;
    let sealer = config.secrets.sealer().ok_or(StartupError::Kek)?;
    let background = CancellationToken::new();
    let clock = surroundings.clock.clone();
    let workers = workers::spawn(pool.clone(), sealer, drivers.clone(), clock, background.clone());
    let state = state(config, pool.clone(), drivers, surroundings, &workers)?;
    tokio::spawn(forget_quiet_callers(state.clone(), background.clone()));
    let mut running = vec![http_server(listener, state.clone(), routes::configure)?];
    if let Some(listener) = reports {
        running.push(http_server(listener, state, reports_only)?);
    }
    let servers = running.iter().map(Server::handle).collect();
    let serving = tokio::spawn(async { try_join_all(running).await.map(|_| ()) });
    tracing::info!(%addr, ?reports_addr, "control plane listening");
    Ok(Handle {
        addr,
        reports_addr,
        servers,
        serving,
        workers,
        pool,
        background,
    })
}

/// The drivers of all configured regions.
pub async fn drivers(config: &Config) -> Result<Drivers, StartupError> {
    let mut drivers = Drivers::new();
    for (region, settings) in &config.regions {
        let driver: Arc<dyn RegionDriver> = match settings.driver {
            Driver::Local => {
                let runtime = crate::cli::find_runtime(config)?;
                Arc::new(LocalDriver::new(LocalSettings::from_config(config, runtime)).await?)
            }
            Driver::Kubernetes => {
                let settings = KubernetesSettings::from_config(*region, settings);
                Arc::new(KubernetesDriver::new(settings).await?)
            }
            Driver::Off => continue,
        };
        drivers.insert(*region, driver);
    }
    Ok(drivers)
}

/// Opens the pool; fails when PostgreSQL does not answer.
pub async fn connect(config: &DatabaseConfig) -> Result<PgPool, StartupError> {
    let options: PgConnectOptions = config
        .url
        .expose_secret()
        .parse()
        .map_err(StartupError::Database)?;
    // A pool would try again until its time is up and then say only that; one attempt says why.
    let attempt = tokio::time::timeout(config.acquire_timeout(), options.connect()).await;
    let connection = attempt
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
        .map_err(StartupError::Database)?;
    connection.close().await.map_err(StartupError::Database)?;
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(config.acquire_timeout());
    pool.connect_with(options).await.map_err(StartupError::Database)
}

/// Brings the database to the layout of this version. Processes that start together wait for each other.
pub async fn migrate(pool: &PgPool) -> Result<(), StartupError> {
    Ok(store::MIGRATIONS.run(pool).await?)
}

fn listen(config: &Config, key: &'static str, port: u16) -> Result<TcpListener, StartupError> {
    let address = SocketAddr::new(config.server.bind, port);
    TcpListener::bind(address).map_err(|source| StartupError::Listen { key, address, source })
}

fn state(
    config: Config,
    pool: PgPool,
    drivers: Drivers,
    surroundings: Surroundings,
    workers: &WorkerHandle,
) -> Result<Data<AppState>, StartupError> {
    Ok(Data::new(AppState {
        pool,
        drivers,
        wake: workers.wake(),
        availability: workers.availability(),
        sealer: config.secrets.sealer().ok_or(StartupError::Kek)?,
        passwords: Passwords::new(config.limits.hash_slots())?,
        rate_limits: RateLimits::new(&config.limits),
        metrics: Metrics::new()?,
        clock: surroundings.clock,
        ids: surroundings.ids,
        config: Arc::new(config),
    }))
}

fn http_server(
    listener: TcpListener,
    state: Data<AppState>,
    routes: fn(&mut ServiceConfig),
) -> Result<Server, StartupError> {
    let workers = state.config.server.worker_count();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(PayloadConfig::new(BODY_LIMIT))
            .configure(routes)
            .wrap(from_fn(security_headers))
            .wrap(from_fn(observe))
    });
    Ok(server
        .workers(workers)
        .shutdown_timeout(DRAIN_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run())
}

/// The routes of the port for apps.
fn reports_only(config: &mut ServiceConfig) {
    config
        .configure(routes::reports)
        .default_service(web::to(routes::not_found::endpoint));
}

async fn forget_quiet_callers(state: Data<AppState>, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(FORGET_EVERY))
        .await
        .is_some()
    {
        state.rate_limits.forget_quiet();
    }
}
