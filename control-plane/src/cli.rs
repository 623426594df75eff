//! The command line of `slipway`.

use std::{fmt::Display, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::Config,
    dev::{
        self, DevOptions,
        keep_mongodb::{self, KeepOptions},
    },
    error::chain,
    openapi,
    regions::RegionError,
    startup,
};

/// The Slipway control plane.
#[derive(Debug, Parser)]
#[command(
    name = "slipway",
    version,
    about,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the console, and keep the regions in step.
    Serve(ConfigArgs),
    /// Run the whole platform on this machine: PostgreSQL, MongoDB, control plane and apps.
    Dev(DevOptions),
    /// Make the mongod beside this process a replica set, and keep it one: for development clusters.
    DevMongodb(KeepOptions),
    /// Bring the database to the layout of this version, and end.
    Migrate(ConfigArgs),
    /// Print the OpenAPI document of the API.
    Openapi,
    /// Check the settings and print the effective ones, secrets masked.
    ConfigCheck(ConfigArgs),
}

/// Where settings come from.
#[derive(Debug, Args)]
#[command(
    after_help = "Settings: built-in defaults, then the file, then SLIPWAY_SECTION__KEY from the environment, \
    e.g. SLIPWAY_SERVER__PORT=9000. `slipway config-check` shows the result."
)]
struct ConfigArgs {
    /// A TOML file with settings.
    #[arg(long, short, env = "SLIPWAY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigArgs {
    fn load(&self) -> Result<Config, String> {
        Config::load(self.config.as_deref()).map_err(|error| error.to_string())
    }
}

impl Cli {
    /// Does what was asked for. An error is one sentence for the person at the terminal.
    pub async fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Serve(args) => serve(&args).await,
            Command::Dev(options) => run_dev(options).await,
            Command::DevMongodb(options) => keep(&options).await,
            Command::Migrate(args) => migrate(&args).await,
            Command::Openapi => print(openapi::document()),
            Command::ConfigCheck(args) => Config::load_masked(args.config.as_deref())
                .map_err(text)
                .and_then(print),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(sentence) => {
                eprintln!("slipway: {sentence}");
                ExitCode::FAILURE
            }
        }
    }
}

async fn serve(args: &ConfigArgs) -> Result<(), String> {
    let config = args.load()?;
    let _telemetry = telemetry::init("slipway", &config.telemetry).map_err(text)?;
    let drivers = startup::drivers(&config).await.map_err(text)?;
    let mut handle = startup::serve(config, drivers)
        .await
        .map_err(|error| chain(&error))?;
    tokio::select! {
        () = interrupted() => tracing::info!("stopping"),
        () = handle.ended() => return Err("the HTTP server ended by itself; the log says why".to_owned()),
    }
    handle.stop().await;
    Ok(())
}

async fn run_dev(options: DevOptions) -> Result<(), String> {
    let config = telemetry::TelemetryConfig {
        filter: dev_filter(),
        ..Default::default()
    };
    let _telemetry = telemetry::init("slipway", &config).map_err(text)?;
    dev::run(options).await.map_err(text)
}

/// `slipway dev` talks to the person at the terminal itself; its log is for what goes wrong.
fn dev_filter() -> String {
    std::env::var("SLIPWAY_TELEMETRY__FILTER").unwrap_or_else(|_| "warn".to_owned())
}

async fn keep(options: &KeepOptions) -> Result<(), String> {
    let _telemetry = telemetry::init("slipway", &telemetry::TelemetryConfig::default()).map_err(text)?;
    tokio::select! {
        result = keep_mongodb::run(options) => result,
        () = interrupted() => Ok(()),
    }
}

async fn migrate(args: &ConfigArgs) -> Result<(), String> {
    let config = args.load()?;
    let pool = startup::connect(&config.database).await.map_err(text)?;
    startup::migrate(&pool).await.map_err(text)?;
    pool.close().await;
    print("The database is up to date.\n".to_owned())
}

/// Resolves at SIGTERM or Ctrl-C.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be caught");
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// The program slipway-runtime: the setting, else next to this program, else on PATH. It need not be there yet.
pub fn find_runtime(config: &Config) -> Result<PathBuf, RegionError> {
    const NAME: &str = "slipway-runtime";
    if !config.local.runtime.as_os_str().is_empty() {
        return Ok(config.local.runtime.clone());
    }
    let here = std::env::current_exe().map_err(RegionError::io("finding this program"))?;
    let beside = here.with_file_name(NAME);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates =
        std::iter::once(beside.clone()).chain(std::env::split_paths(&path).map(|dir| dir.join(NAME)));
    Ok(candidates.find(|file| file.is_file()).unwrap_or(beside))
}

fn print(output: String) -> Result<(), String> {
    use std::io::Write;
    std::io::stdout().write_all(output.as_bytes()).map_err(text)
}

fn text(error: impl Display) -> String {
    error.to_string()
}
