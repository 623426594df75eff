//! `slipway dev`: the whole platform on one machine, below one data folder.
//!
//! One process supervises a private PostgreSQL, a private MongoDB and the app runtimes, and serves the
//! control plane with the console. `make run` starts it. It says what it does while it does it; Ctrl-C
//! ends everything in order and leaves no process and no lock. Killed, it leaves the databases and the
//! apps serving, and the next start adopts them.

mod apps;
mod error;
pub mod folder;
mod initdb;
mod interrupts;
pub mod keep_mongodb;
mod lock;
pub mod mongodb;
mod port;
pub mod postgres;
mod replica_set;
mod say;
pub mod secrets;
mod server_user;
pub mod service;
mod settings;
mod stack;
pub mod tools;

use std::path::PathBuf;

use tokio::time::Instant;

pub use error::DevError;
use folder::DataFolder;
use interrupts::Interrupts;
use lock::FolderLock;
use stack::Stack;
use tools::Tools;

/// Arguments of `slipway dev`.
#[derive(Clone, Debug, clap::Args)]
pub struct DevOptions {
    /// Where all data lives.
    #[arg(long, env = "SLIPWAY_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// Port of the console and the API.
    #[arg(long, env = "SLIPWAY_PORT", default_value_t = 8080)]
    pub port: u16,
}

/// Runs until Ctrl-C. An error is one sentence for the person at the terminal.
pub async fn run(options: DevOptions) -> Result<(), DevError> {
    let started = Instant::now();
    let interrupts = Interrupts::listen().map_err(DevError::io("listening for Ctrl-C"))?;
    let folder = DataFolder::open(&options.data_dir)?;
    let _lock = FolderLock::take(folder.path())?;
    port::check_console(options.port)?;
    let tools = Tools::find().await?;
    say::line(format_args!(
        "Slipway {} with data in {}",
        env!("CARGO_PKG_VERSION"),
        folder.path().display()
    ));

    let logs = folder.path().join("logs");
    let mut stack = Stack::new(folder, tools, options.port);
    let result = tokio::select! {
        result = stack.start() => result,
        () = interrupts.stop.cancelled() => Ok(()),
    };
    if result.is_ok() && !interrupts.stop.is_cancelled() {
        say::line(format_args!(
            "\nConsole: {}   (up after {:.1} s)\nLogs:    {}\nCtrl-C stops everything.\n",
            stack.console_url(),
            started.elapsed().as_secs_f64(),
            logs.display(),
        ));
        tokio::select! {
            () = interrupts.stop.cancelled() => {}
            () = stack.control_plane_ended() => say::trouble("The control plane ended"),
        }
    }
    end(&mut stack, &interrupts).await;
    result
}

async fn end(stack: &mut Stack, interrupts: &Interrupts) {
    let since = Instant::now();
    tokio::select! {
        () = stack.stop() => return say::done("Stopped", since),
        () = interrupts.force.cancelled() => {}
    }
    stack.force().await;
}
