//! The process at work: looking for MongoDB, serving, draining.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use futures_util::FutureExt;
use ids::SystemClock;
use rand::Rng;
use tokio_util::sync::CancellationToken;

use super::reload::SettingsFile;
use super::shell::{Shell, around};
use super::{StartError, limits, metrics, starting};
use crate::app::AppState;
use crate::live::{Live, SettingsReport};
use crate::metering::{self, Destination, Gauges, Meter, ReadGauges, ReporterHandle};
use crate::objects::schema::definitions;
use crate::routes;
use crate::settings::Settings;
use crate::storage;

const FIRST_RETRY: Duration = Duration::from_millis(100);
const LONGEST_RETRY: Duration = Duration::from_secs(5);

/// What lives from the first moment to the last.
pub struct Process {
    pub settings: Settings,
    pub address: SocketAddr,
    pub shell: web::Data<Shell>,
    pub meter: Arc<Meter>,
    /// Where the settings came from, if changes are to be taken up.
    pub file: Option<SettingsFile>,
}

impl Process {
    /// Serves until `stop` is cancelled and everything has been brought to its end.
    ///
    /// # Errors
    /// When the HTTP server cannot run; never because of MongoDB, which is waited for.
    pub async fn serve(mut self, listener: TcpListener, stop: CancellationToken) -> Result<(), StartError> {
        if let Some(port) = self.settings.metrics_port {
            metrics::spawn(port, self.meter.clone())?;
        }
        let (starting, starting_handle) = starting::server(listener.try_clone()?, self.shell.clone())?;
        tokio::spawn(starting);
        let Some(state) = self.connect(&stop).await else {
            starting_handle.stop(false).await;
            return Ok(());
        };
        let report = SettingsReport {
            hash: self.file.as_ref().and_then(SettingsFile::hash),
            ..SettingsReport::default()
        };
        let live = web::Data::new(Live::new(state, report));
        let reporter = self.start_reporter(&live)?;
        let (server, handle) = self.server(listener, live.clone())?;
        if let Some(file) = self.file.take() {
            tokio::spawn(file.follow(live.clone(), stop.clone()));
        }
        let serving = tokio::spawn(server);
        starting_handle.stop(true).await;
        routes::log_security(&self.settings);
        tracing::info!(
            instance = self.shell.instance,
            "ready on {}{}",
            self.address,
            self.settings.mount_path
        );

        stop.cancelled().await;
        self.drain(&handle).await;
        live.finish_mails(self.settings.drain_timeout).await;
        if let Some(reporter) = reporter {
            reporter.finish().await;
        }
        serving.await.map_err(std::io::Error::other)??;
        Ok(())
    }

    /// Tries until MongoDB answers; `None` when told to stop before.
    async fn connect(&self, stop: &CancellationToken) -> Option<AppState> {
        let mut pause = FIRST_RETRY;
        loop {
            let attempt = AppState::connect(self.settings.clone(), self.meter.clone());
            tokio::select! {
                connected = attempt => match connected {
                    Ok(state) if defines_classes(&state).await => return Some(state),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "MongoDB does not answer; trying again until it does"
                    ),
                },
                () = stop.cancelled() => return None,
            }
            tokio::select! {
                () = tokio::time::sleep(pause.mul_f64(rand::rng().random_range(0.5..1.0))) => {}
                () = stop.cancelled() => return None,
            }
            pause = (pause * 2).min(LONGEST_RETRY);
        }
    }

    fn start_reporter(&self, live: &web::Data<Live>) -> Result<Option<ReporterHandle>, StartError> {
        let (Some(report), Some(app)) = (&self.settings.usage_report, &self.settings.usage_app_id) else {
            return Ok(None);
        };
        let destination = Destination {
            url: report.url.clone(),
            token: report.token.clone(),
            interval: report.interval,
            app: app.clone(),
            instance: self.shell.instance.clone(),
            tier: self.settings.engine.clone(),
        };
        let storage = live.current().storage.clone();
        let read_gauges: ReadGauges = Arc::new(move || {
            let storage = storage.clone();
            async move {
                let database_bytes = storage.database_bytes().await.ok();
                Gauges {
                    file_bytes: Some(0),
                    database_bytes,
                }
            }
            .boxed()
        });
        Ok(Some(metering::spawn(
            destination,
            self.meter.clone(),
            read_gauges,
            Arc::new(SystemClock),
        )?))
    }

    /// Takes the socket: nobody else may hold it, or the kernel would go on accepting while the process drains.
    fn server(
        &self,
        listener: TcpListener,
        live: web::Data<Live>,
    ) -> std::io::Result<(Server, ServerHandle)> {
        let shell = self.shell.clone();
        let workers = Arc::new(AtomicUsize::new(0));
        let server = HttpServer::new(move || {
            // Called once by each worker, on its thread.
            storage::enter_worker(workers.fetch_add(1, Ordering::Relaxed));
            let live = live.clone();
            let storage = live.current().storage.clone();
            // Its client is connected before the first request needs it; if that fails, the request tells.
            actix_web::rt::spawn(async move { storage.ping().await });
            App::new()
                .app_data(shell.clone())
                .configure(|config| routes::configure(config, live))
                .wrap(from_fn(around))
        })
        .workers(limits::workers(
            &self.settings.engine,
            self.settings.usage_app_id.is_some(),
        ))
        .worker_max_blocking_threads(2)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(15))
        .disable_signals()
        .shutdown_timeout(self.settings.drain_timeout.as_secs())
        .listen(listener)?
        .run();
        let handle = server.handle();
        Ok((server, handle))
    }

    /// Lets requests finish. actix would also wait for idle kept-alive connections; nobody needs those.
    async fn drain(&self, handle: &ServerHandle) {
        tracing::info!(
            running = self.shell.in_flight(),
            "stopping: accepting nothing new, finishing what runs"
        );
        self.shell.drain();
        let mut stopping = std::pin::pin!(handle.stop(true));
        let deadline = tokio::time::sleep(self.settings.drain_timeout);
        let mut deadline = std::pin::pin!(deadline);
        loop {
            tokio::select! {
                () = &mut stopping => return,
                () = &mut deadline => break,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
            if self.shell.in_flight() == 0 {
                break;
            }
        }
        if self.shell.in_flight() > 0 {
            tracing::warn!(
                running = self.shell.in_flight(),
                "the drain timeout is over; closing what still runs"
            );
        }
        handle.stop(false).await;
    }
}

/// Applies the classes of the settings; `false` if that failed and the app must not serve without them.
async fn defines_classes(state: &AppState) -> bool {
    let Err(error) = definitions::apply(state).await else {
        return true;
    };
    let strict = state.settings.schema.as_ref().is_some_and(|schema| schema.strict);
    tracing::error!(%error, strict, "the classes of the settings cannot be applied");
    !strict
}
