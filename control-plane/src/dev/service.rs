//! A database server that `slipway dev` keeps running: started or found again, restarted when it dies,
//! stopped at the end. It lives in its own session, so it survives a killed `slipway dev`, and the next
//! one adopts it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::DevError;
use super::say;
use crate::regions::backoff::Backoff;
use crate::regions::local::files::rotate_log;
use crate::regions::local::log_cause;
use crate::regions::local::process::{Launch, PidFile, Process, Signal, find_by_arguments};

/// After this a server that was asked to stop is forced to.
const STOP_DEADLINE: Duration = Duration::from_secs(60);
/// A server that ran this long and dies is restarted without a long wait.
const STABLE: Duration = Duration::from_secs(60);
/// A log is moved aside beyond this size, in bytes.
const LOG_LIMIT: u64 = 16 * 1024 * 1024;
/// How often the size of the log is looked at.
const LOG_CHECK: Duration = Duration::from_secs(30);
/// How often a starting server is asked whether it is ready.
const READY_CHECK: Duration = Duration::from_millis(50);

/// What to run, and how to find and to stop it.
#[derive(Clone, Debug)]
pub struct Service {
    pub name: &'static str,
    pub launch: Launch,
    pub log: PathBuf,
    pub pid_file: PidFile,
    /// Consecutive arguments that no other process has, in case the pid file was lost.
    pub marker: [String; 2],
    /// Asks it to end in order.
    pub stop: Signal,
    /// Ends it at once, without leaving parts of it behind.
    pub force: Signal,
}

impl Service {
    /// The process an earlier `slipway dev` left running, if any.
    pub fn left_running(&self) -> Option<Process> {
        if let Some((process, _)) = self.pid_file.adopt() {
            return Some(process);
        }
        let identity = find_by_arguments(&[&self.marker[0], &self.marker[1]])?;
        Process::adopt(identity).ok()
    }

    fn start(&self) -> Result<Process, DevError> {
        let _ = rotate_log(&self.log, LOG_LIMIT);
        let started = self.launch.spawn(&self.log);
        let process = started.map_err(DevError::io(format!("starting {}", self.name)))?;
        self.remember(&process)?;
        Ok(process)
    }

    fn remember(&self, process: &Process) -> Result<(), DevError> {
        let written = self.pid_file.write(process.identity(), "");
        written.map_err(DevError::io(format!("writing the pid file of {}", self.name)))
    }

    fn died(&self) -> DevError {
        let cause = log_cause::cause(&self.log).unwrap_or_else(|| "it says nothing".to_owned());
        DevError::Service {
            service: self.name,
            cause,
            log: self.log.clone(),
        }
    }
}

/// A service that is being watched.
#[derive(Debug)]
pub struct Supervised {
    service: Arc<Service>,
    process: Process,
    adopted: bool,
    watched: Arc<AtomicBool>,
    stop: CancellationToken,
    force: CancellationToken,
    task: JoinHandle<()>,
}

impl Supervised {
    /// Adopts the process left running, or starts one.
    pub fn start(service: Service) -> Result<Self, DevError> {
        let left = service.left_running();
        let adopted = left.is_some();
        let process = match left {
            Some(process) => {
                service.remember(&process)?;
                process
            }
            None => service.start()?,
        };
        let service = Arc::new(service);
        let watched = Arc::new(AtomicBool::new(false));
        let (stop, force) = (CancellationToken::new(), CancellationToken::new());
        let watch = Watch {
            service: service.clone(),
            watched: watched.clone(),
            stop: stop.clone(),
            force: force.clone(),
        };
        let task = tokio::spawn(watch.run(process.clone()));
        Ok(Self {
            service,
            process,
            adopted,
            watched,
            stop,
            force,
            task,
        })
    }

    /// Whether it was found running.
    pub fn is_adopted(&self) -> bool {
        self.adopted
    }

    /// Asks until it answers; a server that ends before that is an error with the cause from its log.
    /// From then on it is restarted whenever it dies.
    pub async fn until_ready(
        &self,
        deadline: Duration,
        is_ready: impl AsyncFn() -> bool,
    ) -> Result<(), DevError> {
        let ready = async {
            while !is_ready().await {
                tokio::time::sleep(READY_CHECK).await;
            }
        };
        tokio::select! {
            () = ready => {}
            _ = self.process.exited() => return Err(self.service.died()),
            () = tokio::time::sleep(deadline) => return Err(self.service.died()),
        }
        self.watched.store(true, Ordering::Release);
        Ok(())
    }

    /// The process it was started with or found as.
    pub fn process(&self) -> &Process {
        &self.process
    }

    pub fn name(&self) -> &'static str {
        self.service.name
    }

    /// Stops it in order and waits for its end.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        let _ = (&mut self.task).await;
    }

    /// Ends it at once; may be called while a stop is under way.
    pub async fn force(&mut self) {
        self.force.cancel();
        self.stop().await;
    }
}

/// The task that keeps one service running.
struct Watch {
    service: Arc<Service>,
    watched: Arc<AtomicBool>,
    stop: CancellationToken,
    force: CancellationToken,
}

impl Watch {
    async fn run(self, mut process: Process) {
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(30));
        loop {
            let since = Instant::now();
            tokio::select! {
                _ = process.exited() => {}
                () = self.stop.cancelled() => return self.end(&process).await,
                () = self.keep_log_small() => {}
            }
            if !self.watched.load(Ordering::Acquire) {
                // It never came up: `until_ready` says so, and there is nothing to keep running.
                return self.forget();
            }
            if since.elapsed() >= STABLE {
                backoff.reset();
            }
            match self.restart(&mut backoff).await {
                Some(started) => process = started,
                None => return self.forget(),
            }
        }
    }

    async fn keep_log_small(&self) {
        loop {
            tokio::time::sleep(LOG_CHECK).await;
            let _ = rotate_log(&self.service.log, LOG_LIMIT);
        }
    }

    async fn restart(&self, backoff: &mut Backoff) -> Option<Process> {
        let name = self.service.name;
        loop {
            let delay = backoff.next_delay();
            say::trouble(format_args!(
                "{name} ended, starting it again in {:.1} s",
                delay.as_secs_f64()
            ));
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.stop.cancelled() => return None,
            }
            match self.service.start() {
                Ok(process) => {
                    say::line(format_args!(
                        "✓ {name} started again (process {})",
                        process.identity().pid
                    ));
                    return Some(process);
                }
                Err(error) => say::trouble(error),
            }
        }
    }

    async fn end(&self, process: &Process) {
        let service = &self.service;
        let graceful = process.stop(service.stop, STOP_DEADLINE);
        let result = tokio::select! {
            result = graceful => result.map(drop),
            () = self.force.cancelled() => {
                let forced = process.stop(service.force, Duration::from_secs(5));
                forced.await.map(drop)
            }
        };
        match result {
            Ok(()) => self.forget(),
            Err(error) => say::trouble(format_args!("{} could not be stopped: {error}", service.name)),
        }
    }

    fn forget(&self) {
        let _ = self.service.pid_file.remove();
    }
}
