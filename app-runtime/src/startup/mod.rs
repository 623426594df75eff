//! From settings to a serving process, and from a signal to a clean end.
//!
//! Order: the socket first, so that a taken port shows at once; then a server that answers 503 while MongoDB is looked
//! for; then the real one on the same socket, so that no connection is refused in between. While it serves it follows its
//! settings file. On SIGTERM or SIGINT nothing new is accepted, what runs may finish, the last usage report goes out.

mod limits;
mod listener;
mod metrics;
mod process;
mod reload;
mod shell;
mod starting;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::web;
use ids::{IdSource, SystemIds};
use tokio_util::sync::CancellationToken;

use crate::metering::Meter;
use crate::settings::Settings;
use process::Process;
use shell::Shell;

pub use limits::raise_open_files;
pub use listener::BindError;
pub use reload::SettingsFile;

/// Why a server did not start or ended.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("the HTTP server failed: {0}")]
    Server(#[from] std::io::Error),
    #[error("usage cannot be reported: {0}")]
    Reporter(#[from] reqwest::Error),
}

/// A bound, not yet serving runtime.
pub struct Runtime {
    listener: TcpListener,
    process: Process,
}

impl Runtime {
    /// Takes the port.
    ///
    /// # Errors
    /// [`StartError::Bind`], which says what to change.
    pub async fn bind(mut settings: Settings) -> Result<Self, StartError> {
        let listener = listener::bind(&settings.host, settings.port).await?;
        let address = listener.local_addr()?;
        settings.port = address.port();
        let meter = Arc::new(Meter::new());
        let shell = web::Data::new(Shell::new(&settings, meter.clone(), new_instance_id()));
        Ok(Self {
            listener,
            process: Process {
                settings,
                address,
                shell,
                meter,
                file: None,
            },
        })
    }

    /// Takes up changes of this file while it serves.
    #[must_use]
    pub fn following(mut self, file: SettingsFile) -> Self {
        self.process.file = Some(file);
        self
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.process.address
    }

    /// Serves until `stop` is cancelled and everything has been brought to its end.
    ///
    /// # Errors
    /// When the HTTP server cannot run; never because of MongoDB, which is waited for.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), StartError> {
        self.process.serve(self.listener, stop).await
    }
}

/// A random UUID for this process start.
fn new_instance_id() -> String {
    let mut bytes = [0; 16];
    SystemIds.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}
