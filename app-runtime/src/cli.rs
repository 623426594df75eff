//! The command line: `serve`, `check`, `dump` and `restore`.

mod transfer;

use std::path::PathBuf;
use std::process::ExitCode;

use actix_web::rt::System;
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::settings::{self, Loaded, Settings, SettingsError};
use crate::startup::{self, BindError, Runtime, SettingsFile, StartError};

/// Exit codes: the settings are wrong (`EX_CONFIG`), the port is taken (`EADDRINUSE`).
const EXIT_SETTINGS: u8 = 78;
const EXIT_PORT_TAKEN: u8 = 98;

/// The Parse-protocol server of one app.
#[derive(Debug, Parser)]
#[command(name = "slipway-runtime", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the app until SIGTERM or SIGINT.
    ///
    /// A changed settings file is taken up within a second, or at once at SIGHUP; see `docs/settings.md`.
    ///
    /// Exits with 78 when the settings are wrong and with 98 when the port is taken.
    #[command(after_long_help = settings::help())]
    Serve(SettingsArgs),
    /// Print the effective settings, secrets masked, and what is questionable about them.
    Check(SettingsArgs),
    /// Write the app's database to files, in mongodump's format.
    ///
    /// DIR/<database> gets <collection>.bson and <collection>.metadata.json of every collection, so that mongorestore and
    /// `slipway-runtime restore` can read them. After an interruption the same command writes what is missing.
    /// Writes that arrive meanwhile may be in the dump or not: stop the app for a copy of one moment.
    #[command(after_long_help = transfer::DUMPED_FILES)]
    Dump(transfer::DumpArgs),
    /// Read files of `dump` or mongodump into the app's database.
    ///
    /// Checks all files first and changes nothing when one is damaged. Documents whose _id is there already are kept as
    /// they are, so that the same command finishes an interrupted restore. Stop the app before, and start it afterwards.
    #[command(after_long_help = transfer::RESTORED_FILES)]
    Restore(transfer::RestoreArgs),
}

#[derive(Debug, clap::Args)]
struct SettingsArgs {
    /// JSON file with Parse Server's option names; environment variables override it.
    #[arg(long, value_name = "FILE", env = "SLIPWAY_SETTINGS")]
    settings: Option<PathBuf>,
}

impl SettingsArgs {
    fn load(&self) -> Result<Loaded, SettingsError> {
        settings::load(self.settings.as_deref(), |name| std::env::var(name).ok())
    }
}

impl Cli {
    /// Does what was asked and says how it went.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.command {
            Command::Serve(args) => match args.load() {
                Ok(loaded) => serve(loaded, args.settings),
                Err(error) => wrong_settings(&error),
            },
            Command::Check(args) => args
                .load()
                .map_or_else(|error| wrong_settings(&error), |loaded| check(&loaded)),
            Command::Dump(args) => transfer::dump(&args),
            Command::Restore(args) => transfer::restore(&args),
        }
    }
}

fn wrong_settings(error: &SettingsError) -> ExitCode {
    eprintln!("slipway-runtime: {error}");
    ExitCode::from(EXIT_SETTINGS)
}

fn check(loaded: &Loaded) -> ExitCode {
    print!("{}", loaded.effective);
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    ExitCode::SUCCESS
}

fn serve(loaded: Loaded, file: Option<PathBuf>) -> ExitCode {
    match run(loaded, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("slipway-runtime: {error}");
            match error.downcast_ref() {
                Some(StartError::Bind(BindError::Taken { .. })) => ExitCode::from(EXIT_PORT_TAKEN),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn run(loaded: Loaded, file: Option<PathBuf>) -> Result<(), Box<dyn std::error::Error>> {
    // MongoDB's connections and the reporter live here; requests are served by actix's own threads. In an actix system each
    // of these waits for its own sockets; in a bare tokio runtime every event of a socket would come by another thread.
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2));
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()?;
    System::with_tokio_rt(|| tokio).block_on(async {
        let _telemetry = telemetry::init("slipway-runtime", &telemetry_config(&loaded.settings))?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        startup::raise_open_files();
        let hangup = signal(SignalKind::hangup())?;
        let mut runtime = Runtime::bind(loaded.settings.clone()).await?;
        if let Some(file) = file {
            runtime = runtime.following(SettingsFile::new(file, loaded, hangup));
        }
        tracing::info!("listening on {}", runtime.address());
        Ok(runtime.serve(stop_on_signal()?).await?)
    })
}

fn telemetry_config(settings: &Settings) -> telemetry::TelemetryConfig {
    let level = match settings.log_level.as_deref() {
        _ if settings.silent => "error",
        _ if settings.verbose => "debug",
        None => "info",
        // Winston's names, which Parse Server's configurations use.
        Some("verbose" | "debug") => "debug",
        Some("silly") => "trace",
        Some(level) => level,
    };
    telemetry::TelemetryConfig {
        otlp_endpoint: settings.otlp_endpoint.clone(),
        format: if settings.json_logs {
            telemetry::Format::Json
        } else {
            telemetry::Format::Text
        },
        // The libraries below speak only when something is wrong.
        filter: format!("warn,app_runtime={level}"),
    }
}

/// Cancelled by the first SIGTERM or SIGINT; a second one ends the process at once.
fn stop_on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn({
        let stop = stop.clone();
        async move {
            loop {
                let number = tokio::select! { _ = terminate.recv() => 15, _ = interrupt.recv() => 2 };
                if stop.is_cancelled() {
                    std::process::exit(128 + number);
                }
                stop.cancel();
            }
        }
    });
    Ok(stop)
}
