//! What the binary does for each command.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{Cli, Command};
use crate::config::{Config, ConfigError};
use crate::crd::{CrdError, crd_yaml};
use crate::metrics::Metrics;
use crate::operator::{Operator, OperatorError};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Crd(#[from] CrdError),
    #[error("the API server cannot be reached: {0}")]
    Kubeconfig(#[from] kube::config::InferConfigError),
    #[error("no connection to the API server can be made: {0}")]
    Client(#[from] kube::Error),
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error(transparent)]
    Telemetry(#[from] telemetry::InitError),
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Runs one command; what it prints goes to `output`.
pub async fn run(cli: &Cli, output: &mut impl Write) -> Result<(), Error> {
    match &cli.command {
        Command::Crd => print(&crd_yaml()?, output),
        Command::Run { config } => operate(config.as_deref()).await,
    }
}

/// A reader that went away, as in `| head`, is no error.
fn print(text: &str, output: &mut impl Write) -> Result<(), Error> {
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

async fn operate(file: Option<&Path>) -> Result<(), Error> {
    let config = Config::load(file)?;
    let _telemetry = telemetry::init("slipway-operator", &config.telemetry)?;
    let metrics = Arc::new(Metrics::new()?);
    let client = crate::client::connect(kube::Config::infer().await?, metrics.clone())?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    let identity = identity();
    tracing::info!(
        region = config.region.as_str(),
        namespace = config.namespace,
        identity,
        "the operator starts"
    );
    let operator = Operator {
        client,
        config: Arc::new(config),
        metrics,
        identity,
    };
    operator.run(stop).await?;
    tracing::info!("the operator ends");
    Ok(())
}

/// The pod's name, which nobody else has, also among operators on one machine.
fn identity() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "local".to_owned());
    format!("{host}-{}", std::process::id())
}

fn stop_on_signal(stop: CancellationToken) -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    })
}
